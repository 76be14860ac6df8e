package io.tidemill.examples.engreene.jobs;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a job is to be queued. Immutable; what is left out follows the type.
 *
 * <pre>{@code
 * jobs.addJob("send-email", email, AddOptions.priority(5).delay(Duration.ofSeconds(1)));
 * }</pre>
 *
 * @param priority 0 (last) to 9 (first); null for 4
 * @param delay how long the job waits before it may run, 0 to 10 years
 * @param attempts how many runs may fail before the job is given up, 1 to 10,000; null for as many as the type has
 * @param id an id of the caller's own, so that the job is queued once however often it is added; null makes one
 */
public record AddOptions(
        @Nullable Integer priority,
        Duration delay,
        @Nullable Integer attempts,
        @Nullable String id) {

    /** Everything as the type has it. */
    public static final AddOptions DEFAULT = new AddOptions(null, Duration.ZERO, null, null);

    /** The default with a priority, 0 (last) to 9 (first). */
    public static AddOptions priority(int priority) {
        return new AddOptions(priority, Duration.ZERO, null, null);
    }

    /** The default with a delay. */
    public static AddOptions after(Duration delay) {
        return DEFAULT.delay(delay);
    }

    /** The same with a delay. */
    public AddOptions delay(Duration value) {
        return new AddOptions(priority, value, attempts, id);
    }

    /** The same with another number of attempts. */
    public AddOptions attempts(int value) {
        return new AddOptions(priority, delay, value, id);
    }

    /** The same with an id of the caller's own. */
    public AddOptions id(String value) {
        return new AddOptions(priority, delay, attempts, value);
    }
}
