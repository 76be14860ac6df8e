package io.tidemill.plan;

/**
 * A place of a step that waits, which is filled by the step that knows this.
 *
 * @param queue the queue of the waiting step
 * @param step its number
 * @param place which of its places, from 0
 */
public record Target(String queue, int step, int place) {}
