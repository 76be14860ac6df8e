package io.tidemill.metrics;

import io.micrometer.common.KeyValues;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Sets of tags that were made before. Micrometer asks for the tags of an observation when it starts and when it stops,
 * and making a set sorts it: for a short job that is the most of what a span costs. The values of tags are bounded, so
 * the sets are.
 *
 * <p>Thread-safe.
 */
final class TagSets {

    private final Map<Tags, KeyValues> made = new ConcurrentHashMap<>();
    private final Function<Tags, KeyValues> maker;

    /** @param maker makes the set of these values */
    TagSets(Function<Tags, KeyValues> maker) {
        this.maker = maker;
    }

    /** What differs between two sets. */
    record Tags(String queue, String task, String outcome) {}

    /** The set with these values. */
    KeyValues of(String queue, String task, String outcome) {
        return made.computeIfAbsent(new Tags(queue, task, outcome), maker);
    }
}
