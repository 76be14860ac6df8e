package io.tidemill.queue;

import java.util.Map;

/**
 * All limits of a queue.
 *
 * @param queue of the queue as a whole
 * @param groups of each group that has none of its own
 * @param overrides of single groups, by name, in place of those; {@link Limits#NONE} frees a group of all limits
 */
public record QueueLimits(Limits queue, Limits groups, Map<String, Limits> overrides) {

    /** None. */
    public static final QueueLimits NONE = new QueueLimits(Limits.NONE, Limits.NONE, Map.of());

    /** Keeps a copy of the overrides. */
    public QueueLimits {
        overrides = Map.copyOf(overrides);
    }

    /** What holds for this group. */
    public Limits of(String group) {
        return overrides.getOrDefault(group, groups);
    }
}
