package io.tidemill.broker;

import java.util.List;

/**
 * Some places of a job, in their order.
 *
 * @param places how many there are; {@link WorkflowJob#UNKNOWN} if nobody has said it
 * @param filled how many have a value or are skipped
 * @param values what is in the places from the first that was asked for. As long as nobody has said how many there are,
 *     any number of empty ones is among them
 */
public record PlacePage(int places, int filled, List<PlaceValue> values) {}
