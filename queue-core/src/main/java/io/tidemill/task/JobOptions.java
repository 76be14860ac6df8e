package io.tidemill.task;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.OptionValues;
import io.tidemill.text.PrintableText;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The choices of one request, by theme: its name and place here, when it may start in {@link #start}, how it runs in
 * {@link #run}. What is null follows the task's own declaration.
 *
 * <p>Immutable. Begin with {@link #defaults()}; each {@code with} method gives a copy and checks the ranges.
 */
@CheckReturnValue
public final class JobOptions {

    /** Most headers that one job may carry. */
    public static final int MAX_HEADERS = 32;

    /** Longest header value, in characters. */
    public static final int MAX_HEADER_VALUE = 2048;

    private static final JobOptions DEFAULTS = new JobOptions(new Values());

    private final Values values;

    private JobOptions(Values values) {
        this.values = values;
    }

    /** Everything as the task declares it. */
    public static JobOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The job's id, printable text of 1 to 256 characters; null makes one. A second request with an id that is still
     * known changes nothing.
     */
    public @Nullable String id() {
        return values.id;
    }

    /** Where the job waits; null means the task's queue. */
    public @Nullable String queue() {
        return values.queue;
    }

    /** 0 (last) to 9 (first); null means the task's priority. */
    public @Nullable Integer priority() {
        return values.priority;
    }

    /**
     * The group that the job takes its turn with, printable text of 1 to 256 characters; null means the task's group.
     */
    public @Nullable String group() {
        return values.group;
    }

    /** The key that the job wants to be the only one with; null for none. */
    public @Nullable Unique unique() {
        return values.unique;
    }

    /**
     * Small texts that travel with the job, at most {@value #MAX_HEADERS}; names as all names are, values up to
     * {@value #MAX_HEADER_VALUE} characters.
     */
    public Map<String, String> headers() {
        return values.headers;
    }

    /** When the job may start. */
    public Start start() {
        return new Start(values);
    }

    /** How the job runs. */
    public Run run() {
        return new Run(values);
    }

    /** The same with another {@link #id}. */
    public JobOptions withId(@Nullable String value) {
        return with(to -> to.id = value);
    }

    /** The same with another {@link #queue}. */
    public JobOptions withQueue(@Nullable String value) {
        return with(to -> to.queue = value);
    }

    /** The same with another {@link #priority}. */
    public JobOptions withPriority(@Nullable Integer value) {
        return with(to -> to.priority = value);
    }

    /** The same with another {@link #group}. */
    public JobOptions withGroup(@Nullable String value) {
        return with(to -> to.group = value);
    }

    /** The same with another {@link #unique} key. */
    public JobOptions withUnique(@Nullable Unique value) {
        return with(to -> to.unique = value);
    }

    /** The same with one header more, or with another value for it. */
    public JobOptions withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(values.headers);
        more.put(name, value);
        return with(to -> to.headers = Collections.unmodifiableMap(more));
    }

    /** The same with these {@link #headers} and no others. */
    public JobOptions withHeaders(Map<String, String> value) {
        return with(to -> to.headers = Collections.unmodifiableMap(new TreeMap<>(value)));
    }

    /** The same with another {@link Start#delay}. */
    public JobOptions withDelay(@Nullable Duration value) {
        return with(to -> to.delay = value);
    }

    /** The same with another {@link Start#at}. */
    public JobOptions withAt(@Nullable Instant value) {
        return with(to -> to.at = value);
    }

    /** The same with another {@link Start#expiresIn}. */
    public JobOptions withExpiresIn(@Nullable Duration value) {
        return with(to -> to.expiresIn = value);
    }

    /** The same with another {@link Run#timeout}. */
    public JobOptions withTimeout(@Nullable Duration value) {
        return with(to -> to.timeout = value);
    }

    /**
     * The same with another {@link Run#retry}, and its number of attempts.
     *
     * @throws IllegalArgumentException if the policy names failures: it travels to other processes, and classes do not
     */
    public JobOptions withRetry(@Nullable RetryPolicy value) {
        return with(to -> {
            to.retry = value;
            to.maxAttempts = value == null ? null : value.maxAttempts();
        });
    }

    /** The same with another {@link Run#maxAttempts}. */
    public JobOptions withMaxAttempts(@Nullable Integer value) {
        return with(to -> to.maxAttempts = value);
    }

    /** The same with another {@link Run#inheritsDeadline}. */
    public JobOptions withInheritDeadline(boolean value) {
        return with(to -> to.inheritsDeadline = value);
    }

    /** What was chosen, without the values of headers. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, "id", values.id);
        append(text, "queue", values.queue);
        append(text, "priority", values.priority);
        append(text, "group", values.group);
        append(text, "unique", values.unique);
        append(text, "delay", values.delay);
        append(text, "at", values.at);
        append(text, "expiresIn", values.expiresIn);
        append(text, "timeout", values.timeout);
        append(text, "maxAttempts", values.maxAttempts);
        append(text, "retry", values.retry);
        append(text, "inheritDeadline", values.inheritsDeadline ? true : null);
        append(text, "headers", values.headers.isEmpty() ? null : values.headers.keySet());
        return "JobOptions[" + text + "]";
    }

    private static void append(StringBuilder text, String name, @Nullable Object value) {
        if (value != null) {
            text.append(text.isEmpty() ? "" : ", ").append(name).append('=').append(value);
        }
    }

    private JobOptions with(Consumer<Values> change) {
        return new JobOptions(values.with(change));
    }

    /** When a job may start. Immutable. */
    public static final class Start {

        private final Values values;

        private Start(Values values) {
            this.values = values;
        }

        /** Not before so long from now, by the broker's clock; 0 to 10 years. Not together with {@link #at}. */
        public @Nullable Duration delay() {
            return values.delay;
        }

        /** Not before this instant, by the broker's clock; an instant in the past means now. */
        public @Nullable Instant at() {
            return values.at;
        }

        /**
         * Not later than so long from now, by the broker's clock; longer than 0 and the delay, at most 10 years; null
         * for no limit.
         */
        public @Nullable Duration expiresIn() {
            return values.expiresIn;
        }
    }

    /** How a job runs. Immutable. */
    public static final class Run {

        private final Values values;

        private Run(Values values) {
            this.values = values;
        }

        /** How long one run may take; 1 ms to 10 years; null means the task's timeout. */
        public @Nullable Duration timeout() {
            return values.timeout;
        }

        /** Runs before the job is dead; 1 to 10,000; null means the task's retry policy. */
        public @Nullable Integer maxAttempts() {
            return values.maxAttempts;
        }

        /**
         * How long to wait before a failed run is tried again; null means the task's retry policy. The number of
         * attempts is {@link #maxAttempts}, and which failures are tried again is always the task's choice.
         */
        public @Nullable RetryPolicy retry() {
            return values.retry;
        }

        /**
         * Whether the job has to end before the run in which the call is made has to; see {@code Call.inheritDeadline}.
         */
        public boolean inheritsDeadline() {
            return values.inheritsDeadline;
        }
    }

    /** Every choice. A new one needs a field, a getter and a {@code with} method. */
    private static final class Values extends OptionValues<Values> {

        private @Nullable String id;
        private @Nullable String queue;
        private @Nullable Integer priority;
        private @Nullable String group;
        private @Nullable Unique unique;
        private Map<String, String> headers = Map.of();
        private @Nullable Duration delay;
        private @Nullable Instant at;
        private @Nullable Duration expiresIn;
        private @Nullable Duration timeout;
        private @Nullable Integer maxAttempts;
        private @Nullable RetryPolicy retry;
        private boolean inheritsDeadline;

        @Override
        protected void check() {
            if (id != null) {
                PrintableText.check("job id", id);
            }
            if (queue != null) {
                Names.check("queue name", queue);
            }
            if (priority != null) {
                Priority.check(priority);
            }
            if (group != null) {
                PrintableText.check("group", group);
            }
            checkHeaders();
            checkStart();
            if (timeout != null) {
                Durations.checkPositive("timeout", timeout);
            }
            if (maxAttempts != null && (maxAttempts < 1 || maxAttempts > 10_000)) {
                throw new IllegalArgumentException("maxAttempts must be 1 to 10,000, got " + maxAttempts);
            }
            if (retry != null && !(retry.on().isEmpty() && retry.giveUpOn().isEmpty())) {
                throw new IllegalArgumentException(
                        "the retry policy of a call cannot name failures, as a job holds no names"
                                + " of classes; leave \"on\" and \"giveUpOn\" to the task");
            }
        }

        private void checkStart() {
            if (delay != null) {
                Durations.check("delay", delay);
            }
            if (delay != null && at != null) {
                throw new IllegalArgumentException(
                        "a job has either a delay or a time, got both: delay " + Texts.duration(delay) + ", at " + at);
            }
            if (expiresIn != null) {
                Durations.checkPositive("expiresIn", expiresIn);
            }
            if (expiresIn != null && delay != null && expiresIn.compareTo(delay) <= 0) {
                throw new IllegalArgumentException("a job that expires before it is due never runs, got expiresIn "
                        + Texts.duration(expiresIn) + " and delay " + Texts.duration(delay) + "; both count from now");
            }
        }

        private void checkHeaders() {
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
        }
    }
}
