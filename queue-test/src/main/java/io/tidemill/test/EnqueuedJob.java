package io.tidemill.test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job that was stored while a {@link TestQueue} was open, as its producer asked for it.
 *
 * <p>Immutable.
 *
 * @param id its id
 * @param queue the queue that it was stored in
 * @param task the task's name
 * @param arguments its arguments, as the producer gave them. Those of a job that a schedule stored are read from its
 *     record; they are empty if the record is encrypted, or written by another codec than JSON
 * @param at when it was stored
 * @param delay how long after that it is due; zero for at once
 * @param priority 0 (last) to 9 (first)
 * @param group its group; null for none
 * @param uniqueKey its unique key; null for none
 * @param headers the small texts that travel along
 */
public record EnqueuedJob(
        String id,
        String queue,
        String task,
        List<@Nullable Object> arguments,
        Instant at,
        Duration delay,
        int priority,
        @Nullable String group,
        @Nullable String uniqueKey,
        Map<String, String> headers) {

    /** Copies the lists. */
    public EnqueuedJob {
        arguments = Collections.unmodifiableList(new ArrayList<>(arguments));
        headers = Map.copyOf(headers);
    }
}
