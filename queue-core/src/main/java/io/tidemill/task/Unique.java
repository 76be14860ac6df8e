package io.tidemill.task;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import io.tidemill.text.OptionValues;
import io.tidemill.text.PrintableText;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says that of all jobs of a queue with the same key at most one is there at a time, and what becomes of a second one.
 * The first that is stored holds the key; its scope says for how long.
 *
 * <p>Keys belong to the queue, not to the task: put the task's name into the key if two tasks must not meet.
 *
 * <p>Immutable.
 */
@CheckReturnValue
public final class Unique {

    /** The highest {@link #version}. */
    public static final long MAX_VERSION = 99_999_999_999_999L;

    /** How long a job holds its key. However it ends without success, it lets go of the key at once. */
    public enum Scope {
        /** Until it has ended, with all its retries. */
        UNTIL_DONE,
        /** Until a worker takes it for the first time. Its retries do not hold the key. */
        UNTIL_STARTED,
        /**
         * For a time from when it is due, and past its success. A job without a delay is due when it is stored. One
         * that is rescheduled to a later time holds its key as much longer; retries and earlier times change nothing.
         */
        WINDOW
    }

    /**
     * What becomes of a job whose key is held by another. Nothing of it is stored, unless it replaces or updates the
     * other. An id that is known comes first: such a call changes nothing, whatever its key.
     */
    public enum Conflict {
        /** The caller gets the handle of the job that holds the key. */
        RETURN_EXISTING,
        /**
         * A holder that waits to run, for the first time or again, is cancelled and the new job is stored. One that
         * runs stays, and its handle is returned.
         */
        REPLACE,
        /**
         * A holder that is delayed, or waits for another try, becomes due when the new job would have been. Any other
         * stays as it is. Its handle is returned.
         */
        RESCHEDULE,
        /**
         * A holder that no worker has taken yet keeps its id and gets what the new call asks to run: task, arguments,
         * headers, timeout and retry policy. If it is delayed, it becomes due when the new job would have been; if it
         * is due already, it keeps its place in the queue. Priority, group and expiry stay those of the holder. Any
         * other stays as it is. Its handle is returned.
         */
        UPDATE,
        /** The caller gets a {@code DuplicateJobException} that names the job that holds the key. */
        REFUSE
    }

    private final Values values;

    private Unique(Values values) {
        this.values = values;
    }

    /**
     * With this scope.
     *
     * @param key printable text of 1 to 256 characters
     * @param window 1 ms to 10 years for {@link Scope#WINDOW}, else zero
     */
    public static Unique of(String key, Scope scope, Duration window) {
        return new Unique(new Values().with(to -> {
            to.key = key;
            to.scope = scope;
            to.window = window;
        }));
    }

    /** One at a time, until it has ended. */
    public static Unique untilDone(String key) {
        return of(key, Scope.UNTIL_DONE, Duration.ZERO);
    }

    /** One at a time that has not started. */
    public static Unique untilStarted(String key) {
        return of(key, Scope.UNTIL_STARTED, Duration.ZERO);
    }

    /** At most one in so long, counted from when it is due. 1 ms to 10 years. */
    public static Unique within(String key, Duration window) {
        return of(key, Scope.WINDOW, window);
    }

    /**
     * Of calls that follow each other closely one job runs, with the arguments of the last call: each call gives a
     * waiting job its own arguments and puts it off by its own delay, but never beyond so long after the first call. It
     * is {@link #untilStarted} with {@link Conflict#UPDATE} and a {@link #longestDelay}.
     *
     * <p>Give such calls no id of their own: a call whose id is known changes nothing, so it would not put the job off.
     *
     * @param longest 1 ms to 10 years
     */
    public static Unique debounce(String key, Duration longest) {
        return untilStarted(key).onConflict(Conflict.UPDATE).longestDelay(longest);
    }

    /** The same, with another answer to a second job. */
    public Unique onConflict(Conflict value) {
        return with(to -> to.conflict = value);
    }

    /**
     * The same, due at most so long after it was stored, by the broker's clock, however often calls under its key put
     * it off ({@code reschedule} is not bound by it). A job that replaces the holder has the holder's limit. 1 ms to 10
     * years.
     */
    public Unique longestDelay(Duration value) {
        return with(to -> to.longestDelay = value);
    }

    /**
     * The same, with the version of what its arguments say, such as a row's version or a time in ms. A call whose
     * version is lower than that of the job that holds the key changes nothing, whatever the conflict action, and its
     * handle says {@code OUTDATED}. Versions are compared only with the holder of the key, and only if both have one.
     *
     * @param value 0 to {@value #MAX_VERSION}
     */
    public Unique version(long value) {
        return with(to -> to.version = value);
    }

    /** Printable text of 1 to 256 characters. */
    public String key() {
        return values.key;
    }

    /** How long the job holds the key. */
    public Scope scope() {
        return values.scope;
    }

    /** How long from when it is due; 1 ms to 10 years for {@link Scope#WINDOW}, else zero. */
    public Duration window() {
        return values.window;
    }

    /** What becomes of a job whose key is held by another; default {@link Conflict#RETURN_EXISTING}. */
    public Conflict conflict() {
        return values.conflict;
    }

    /** How long after the first call it is due at the latest; null for no limit. */
    public @Nullable Duration longestDelay() {
        return values.longestDelay;
    }

    /** The version of what the arguments say; null for none. */
    public @Nullable Long version() {
        return values.version;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Unique that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** Every value, the key last. */
    @Override
    public String toString() {
        return "Unique[scope=" + values.scope + ", window=" + values.window + ", conflict=" + values.conflict
                + ", longestDelay=" + values.longestDelay + ", version=" + values.version + ", key=" + values.key + "]";
    }

    private Unique with(Consumer<Values> change) {
        return new Unique(values.with(change));
    }

    /** Every value. A new one needs a field, a getter and a method that changes it. */
    private static final class Values extends OptionValues<Values> {

        private String key = "";
        private Scope scope = Scope.UNTIL_DONE;
        private Duration window = Duration.ZERO;
        private Conflict conflict = Conflict.RETURN_EXISTING;
        private @Nullable Duration longestDelay;
        private @Nullable Long version;

        @Override
        protected void check() {
            PrintableText.check("unique key", key);
            if (scope == Scope.WINDOW) {
                Durations.checkPositive("the window of unique key " + key, window);
            } else if (!window.isZero()) {
                throw new IllegalArgumentException("only scope WINDOW has a window, got " + window + " for " + scope);
            }
            if (longestDelay != null) {
                Durations.checkPositive("the longest delay of unique key " + key, longestDelay);
            }
            if (version != null && (version < 0 || version > MAX_VERSION)) {
                throw new IllegalArgumentException(
                        "the version of unique key " + key + " must be 0 to " + MAX_VERSION + ", got " + version);
            }
        }
    }
}
