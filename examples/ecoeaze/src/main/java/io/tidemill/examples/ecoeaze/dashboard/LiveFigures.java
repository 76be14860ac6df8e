package io.tidemill.examples.ecoeaze.dashboard;

import java.time.Instant;
import java.util.Map;

/**
 * What a page shows live.
 *
 * @param at when it was so
 * @param queues jobs by queue
 * @param workers how many processes work
 * @param usersToday how many users did something today
 * @param actionsToday how often each action was done today, most first
 * @param productsToday how many actions concerned each product today, most first
 */
public record LiveFigures(
        Instant at,
        Map<String, QueueFigures> queues,
        int workers,
        int usersToday,
        Map<String, Integer> actionsToday,
        Map<String, Integer> productsToday) {}
