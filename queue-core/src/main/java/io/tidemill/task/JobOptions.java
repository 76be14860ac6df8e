package io.tidemill.task;

import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The choices of one request. What is null follows the task's own declaration.
 *
 * <p>Immutable.
 *
 * @param id the job's id; null makes one. A second request with an id that is still known changes nothing
 * @param queue where the job waits; null means the task's queue
 * @param delay not before so long from now, by the broker's clock; 0 to 10 years. Not together with {@code at}
 * @param at not before this instant, by the broker's clock; an instant in the past means now
 * @param priority 0 (last) to 9 (first); null means the task's priority
 * @param timeout how long one run may take; 1 ms to 10 years; null means the task's timeout
 * @param maxAttempts runs before the job is dead; 1 to 10,000; null means the task's retry policy
 * @param group whose turn the job takes, a name; null means the task's group
 * @param unique the key that the job wants to be the only one with; null for none
 * @param expiresIn not to be started later than so long from now, by the broker's clock; longer than 0 and the delay,
 *     at most 10 years; null for no limit
 * @param headers small texts that travel with the job, at most {@value #MAX_HEADERS}; names as all names are, values up
 *     to {@value #MAX_HEADER_VALUE} characters
 */
public record JobOptions(
        @Nullable String id,
        @Nullable String queue,
        @Nullable Duration delay,
        @Nullable Instant at,
        @Nullable Integer priority,
        @Nullable Duration timeout,
        @Nullable Integer maxAttempts,
        @Nullable String group,
        @Nullable Unique unique,
        @Nullable Duration expiresIn,
        Map<String, String> headers) {

    /** Most headers that one job may carry. */
    public static final int MAX_HEADERS = 32;

    /** Longest header value, in characters. */
    public static final int MAX_HEADER_VALUE = 2048;

    private static final JobOptions DEFAULTS =
            new JobOptions(null, null, null, null, null, null, null, null, null, null, Map.of());

    /** Checks every value's range. */
    public JobOptions {
        if (id != null) {
            Names.check("job id", id);
        }
        if (queue != null) {
            Names.check("queue name", queue);
        }
        if (delay != null) {
            Durations.check("delay", delay);
        }
        if (delay != null && at != null) {
            throw new IllegalArgumentException(
                    "a job has either a delay or a time, got both: delay " + Texts.duration(delay) + ", at " + at);
        }
        if (priority != null) {
            Priority.check(priority);
        }
        if (timeout != null) {
            Durations.checkPositive("timeout", timeout);
        }
        if (maxAttempts != null && (maxAttempts < 1 || maxAttempts > 10_000)) {
            throw new IllegalArgumentException("maxAttempts must be 1 to 10,000, got " + maxAttempts);
        }
        if (group != null) {
            Names.check("group", group);
        }
        if (expiresIn != null) {
            Durations.checkPositive("expiresIn", expiresIn);
        }
        if (expiresIn != null && delay != null && expiresIn.compareTo(delay) <= 0) {
            throw new IllegalArgumentException("a job that expires before it is due never runs, got expiresIn "
                    + Texts.duration(expiresIn) + " and delay " + Texts.duration(delay) + "; both count from now");
        }
        headers = checkHeaders(headers);
    }

    /** Everything as the task declares it. */
    public static JobOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another {@code id}. */
    public JobOptions withId(String value) {
        return new JobOptions(
                value, queue, delay, at, priority, timeout, maxAttempts, group, unique, expiresIn, headers);
    }

    /** The same with another {@code queue}. */
    public JobOptions withQueue(String value) {
        return new JobOptions(id, value, delay, at, priority, timeout, maxAttempts, group, unique, expiresIn, headers);
    }

    /** The same with another {@code delay}. */
    public JobOptions withDelay(Duration value) {
        return new JobOptions(id, queue, value, at, priority, timeout, maxAttempts, group, unique, expiresIn, headers);
    }

    /** The same with another {@code at}. */
    public JobOptions withAt(Instant value) {
        return new JobOptions(
                id, queue, delay, value, priority, timeout, maxAttempts, group, unique, expiresIn, headers);
    }

    /** The same with another {@code priority}. */
    public JobOptions withPriority(int value) {
        return new JobOptions(id, queue, delay, at, value, timeout, maxAttempts, group, unique, expiresIn, headers);
    }

    /** The same with another {@code timeout}. */
    public JobOptions withTimeout(Duration value) {
        return new JobOptions(id, queue, delay, at, priority, value, maxAttempts, group, unique, expiresIn, headers);
    }

    /** The same with another {@code maxAttempts}. */
    public JobOptions withMaxAttempts(int value) {
        return new JobOptions(id, queue, delay, at, priority, timeout, value, group, unique, expiresIn, headers);
    }

    /** The same with another {@code group}. */
    public JobOptions withGroup(String value) {
        return new JobOptions(id, queue, delay, at, priority, timeout, maxAttempts, value, unique, expiresIn, headers);
    }

    public JobOptions withUnique(Unique value) {
        return new JobOptions(id, queue, delay, at, priority, timeout, maxAttempts, group, value, expiresIn, headers);
    }

    public JobOptions withExpiresIn(Duration value) {
        return new JobOptions(id, queue, delay, at, priority, timeout, maxAttempts, group, unique, value, headers);
    }

    /** The same options with one header more, or with another value for it. */
    public JobOptions withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new JobOptions(id, queue, delay, at, priority, timeout, maxAttempts, group, unique, expiresIn, more);
    }

    private static Map<String, String> checkHeaders(Map<String, String> headers) {
        if (headers.size() > MAX_HEADERS) {
            throw new IllegalArgumentException(
                    "a job carries at most " + MAX_HEADERS + " headers, got " + headers.size());
        }
        headers.forEach((name, value) -> {
            Names.check("header name", name);
            if (value.length() > MAX_HEADER_VALUE) {
                throw new IllegalArgumentException("header " + name + " may have at most " + MAX_HEADER_VALUE
                        + " characters, got " + value.length());
            }
        });
        return Map.copyOf(headers);
    }
}
