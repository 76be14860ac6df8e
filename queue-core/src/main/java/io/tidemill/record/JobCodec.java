package io.tidemill.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemill.json.Json;
import io.tidemill.message.Failure;
import io.tidemill.task.JobOptions;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RetryPolicy;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link Job} as the bytes that a broker stores, and a {@link Failure} as the bytes that it stores beside
 * them: one readable line, then the payload as it is.
 *
 * <pre>
 * 1 send_email 1795212339800 {"headers":{"tenant":"7"}}
 * ["ada@example.com","Welcome"]
 *
 * 1          layout; a reader refuses a layout that is newer than its own. A step of a workflow has layout 2: its record
 *            ends with a section of as many bytes as "section" says, behind the payload
 * send_email task
 * 1795...    made at, ms since 1970
 * {...}      what was asked for beside that; left out if nothing was
 * </pre>
 *
 * <p>Thread-safe.
 */
public final class JobCodec {

    /** Of jobs that are no steps of workflows. */
    private static final char PLAIN = '1';

    /** The newest layout that is read, and that of steps of workflows. */
    static final char LAYOUT = '2';

    private static final ObjectMapper MAPPER = Json.mapper();

    /** Stands for the name of a task where a record does not say it. */
    public static final String UNKNOWN_TASK = "?";

    private JobCodec() {}

    /** What was asked for beside task and arguments; absent fields cost nothing. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    private record Extras(
            @JsonProperty("timeout") @Nullable Duration timeout,
            @JsonProperty("attempts") @Nullable Integer attempts,
            @JsonProperty("retry") @Nullable Retries retry,
            @JsonProperty("due") @Nullable Long due,
            @JsonProperty("headers") @Nullable Map<String, String> headers,
            @JsonProperty("section") @Nullable Integer section,
            @JsonProperty("version") @Nullable Integer version,
            @JsonProperty("secrets") @Nullable List<String> secrets,
            @JsonProperty("deadline") @Nullable Long deadline) {

        Job.More more() {
            return version == null && secrets == null && deadline == null
                    ? Job.More.NONE
                    : new Job.More(
                            version == null ? 1 : Math.max(1, version),
                            secrets == null ? List.of() : secrets,
                            deadline == null ? 0 : deadline);
        }
    }

    private static final Extras NO_EXTRAS = new Extras(null, null, null, null, null, null, null, null, null);

    /** The waits between attempts. */
    private record Retries(
            @JsonProperty("delay") Duration delay,
            @JsonProperty("multiplier") double multiplier,
            @JsonProperty("maxDelay") Duration maxDelay,
            @JsonProperty("jitter") boolean jitter,

            @JsonProperty("window") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Duration window) {

        static @Nullable Retries of(@Nullable RetryPolicy policy) {
            return policy == null
                    ? null
                    : new Retries(
                            policy.delay(), policy.multiplier(), policy.maxDelay(), policy.jitter(), policy.window());
        }

        RetryPolicy policy() {
            RetryPolicy policy = RetryPolicy.defaults()
                    .withDelay(delay)
                    .withMultiplier(multiplier)
                    .withMaxDelay(maxDelay)
                    .withJitter(jitter);
            return window == null ? policy : policy.withWindow(window);
        }
    }

    /** The job as bytes. */
    public static byte[] encode(Job job) {
        StringBuilder line = new StringBuilder(48 + job.task().length())
                .append(job.section() == null ? PLAIN : LAYOUT)
                .append(' ')
                .append(job.task())
                .append(' ')
                .append(job.createdAtMillis());
        if (job.timeout() != null
                || job.maxAttempts() != null
                || job.retry() != null
                || job.dueMillis() != 0
                || job.section() != null
                || !job.headers().isEmpty()
                || !job.more().equals(Job.More.NONE)) {
            line.append(' ').append(extras(job));
        }
        byte[] head = line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        byte[] payload = job.payload();
        byte[] section = job.section();
        int end = head.length + payload.length;
        byte[] body = Arrays.copyOf(head, section == null ? end : end + section.length);
        System.arraycopy(payload, 0, body, head.length, payload.length);
        if (section != null) {
            System.arraycopy(section, 0, body, end, section.length);
        }
        return body;
    }

    /**
     * The job that these bytes hold.
     *
     * @throws NewerLayoutException if a newer version wrote them
     * @throws PayloadException if they are no record at all
     */
    public static Job decode(byte[] body) {
        if (body.length > 1 && body[0] > LAYOUT && body[0] <= '9') {
            throw new NewerLayoutException((char) body[0]);
        }
        int end = 0;
        while (end < body.length && body[end] != '\n') {
            end++;
        }
        String[] parts = new String(body, 0, end, StandardCharsets.UTF_8).split(" ", 4);
        if (end == body.length || parts.length < 3 || !isLayout(parts[0])) {
            throw new PayloadException("the record does not begin with \"1 <task> <millis>\" and a line feed", null);
        }
        try {
            Extras extras = parts.length == 4 ? MAPPER.readValue(parts[3], Extras.class) : NO_EXTRAS;
            if (extras == null || hasNull(extras)) {
                throw new PayloadException("the first line of the record has null where a value belongs", null);
            }
            JobOptions checked = checked(extras);
            int sectionAt = sectionAt(body.length, end + 1, extras.section());
            long createdAt = Long.parseLong(parts[2]);
            checkDeadline(extras.deadline(), createdAt);
            return new Job(
                    parts[1],
                    Arrays.copyOfRange(body, end + 1, sectionAt),
                    createdAt,
                    checked.run().timeout(),
                    checked.run().maxAttempts(),
                    checked.run().retry(),
                    extras.due() == null ? 0 : extras.due(),
                    checked.headers(),
                    extras.more(),
                    extras.section() == null ? null : Arrays.copyOfRange(body, sectionAt, body.length));
        } catch (IOException | IllegalArgumentException e) {
            throw new PayloadException("the first line of the record cannot be read", e);
        }
    }

    /** The same ranges as for the producer that is Tidemill: a record may come from anywhere. */
    private static JobOptions checked(Extras extras) {
        JobOptions options = JobOptions.defaults();
        if (extras.headers() != null) {
            options = options.withHeaders(extras.headers());
        }
        if (extras.timeout() != null) {
            options = options.withTimeout(extras.timeout());
        }
        if (extras.retry() != null) {
            options = options.withRetry(extras.retry().policy());
        }
        return extras.attempts() == null && extras.retry() == null
                ? options
                : options.withMaxAttempts(extras.attempts());
    }

    private static boolean isLayout(String word) {
        return word.length() == 1 && word.charAt(0) >= PLAIN && word.charAt(0) <= LAYOUT;
    }

    private static int sectionAt(int length, int payloadAt, @Nullable Integer section) {
        if (section == null) {
            return length;
        }
        if (section < 0 || section > length - payloadAt) {
            throw new PayloadException(
                    "the record says that its section has " + section + " bytes, and there are " + (length - payloadAt),
                    null);
        }
        return length - section;
    }

    private static void checkDeadline(@Nullable Long deadline, long createdAt) {
        if (deadline != null && (deadline < 1 || deadline - Math.max(0, createdAt) > Durations.MAX.toMillis())) {
            throw new IllegalArgumentException(
                    "deadline must be ms since 1970, at most 10 years after the job was made, got " + deadline);
        }
    }

    private static boolean hasNull(Extras extras) {
        Retries retry = extras.retry();
        return (extras.headers() != null && extras.headers().containsValue(null))
                || (extras.secrets() != null && extras.secrets().stream().anyMatch(Objects::isNull))
                || (retry != null && (retry.delay() == null || retry.maxDelay() == null));
    }

    /**
     * The name of the task of a record of which these are the first bytes; {@value #UNKNOWN_TASK} if they do not say
     * it.
     */
    public static String taskOf(byte[] beginning) {
        String[] parts = new String(beginning, StandardCharsets.UTF_8).split("[ \n]", 3);
        boolean hasName = parts.length == 3 && isLayout(parts[0]) && Names.isName(parts[1]);
        return hasName ? parts[1] : UNKNOWN_TASK;
    }

    /** The failure as bytes. */
    public static byte[] encode(Failure failure) {
        try {
            return MAPPER.writeValueAsBytes(failure);
        } catch (IOException e) {
            throw new PayloadException("three texts cannot be written as JSON", e);
        }
    }

    /** The failure that these bytes hold; bytes that hold none become its message. One that is sealed shows nothing. */
    public static Failure decodeFailure(byte[] stored) {
        byte[] bytes = Payloads.readable(stored);
        if (bytes == null) {
            return Failure.of("sealed", "its failure is sealed, and this process cannot open it");
        }
        try {
            Failure failure = MAPPER.readValue(bytes, Failure.class);
            if (failure != null) {
                return failure;
            }
        } catch (IOException e) {
            // Whatever they are, they are what somebody kept of a failure: show them.
        }
        return Failure.of("unknown", new String(bytes, StandardCharsets.UTF_8));
    }

    private static String extras(Job job) {
        try {
            return MAPPER.writeValueAsString(new Extras(
                    job.timeout(),
                    job.maxAttempts(),
                    Retries.of(job.retry()),
                    job.dueMillis() == 0 ? null : job.dueMillis(),
                    job.headers(),
                    job.section() == null ? null : job.section().length,
                    job.more().version() == 1 ? null : job.more().version(),
                    job.more().secrets(),
                    job.more().deadlineMillis() == 0 ? null : job.more().deadlineMillis()));
        } catch (IOException e) {
            throw new PayloadException("headers cannot be written as JSON", e);
        }
    }
}
