package io.tidemill.admin;

import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.message.Failure;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.record.Redaction;
import io.tidemill.task.JobOptions;
import io.tidemill.task.JobState;
import io.tidemill.task.TidemillException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job as an operator sees it, as of one moment, by theme: what it is here, when things happened in {@link #times},
 * how its runs ended in {@link #counts}, what its call asked for in {@link #run}.
 *
 * <p>Immutable. Made by {@link QueueAdmin}.
 */
public final class JobInfo {

    /** What a record has that names the places of its secrets. */
    private static final String SECRETS = "\"secrets\"";

    private final JobSnapshot job;
    private final Job record;
    private final @Nullable LeaseHolder holder;
    private final @Nullable Failure failure;

    private JobInfo(JobSnapshot job, @Nullable LeaseHolder holder) {
        this.job = job;
        this.record = read(job.body() == null ? new byte[0] : job.body());
        this.holder = holder;
        this.failure = job.failure() == null ? null : JobCodec.decodeFailure(job.failure());
    }

    static JobInfo of(JobSnapshot job) {
        return new JobInfo(job, null);
    }

    static JobInfo of(Inspection seen) {
        return new JobInfo(
                seen.job(), seen.token() == null ? null : LeaseHolder.of(seen.token(), seen.leaseEndsMillis()));
    }

    /** The job's id. */
    public String id() {
        return job.id();
    }

    /** The task's name; {@code "?"} if the record of the job cannot be read. */
    public String task() {
        return record.task();
    }

    /** Where it was. */
    public JobState state() {
        return job.state();
    }

    /** 0 to 9. */
    public int priority() {
        return job.priority();
    }

    /** The group whose turn it takes; null for none. */
    public @Nullable String group() {
        return job.constraints().group();
    }

    /** The unique key that it asked for; null for none. */
    public @Nullable String uniqueKey() {
        return job.constraints().key();
    }

    /** The small texts that travel along. */
    public Map<String, String> headers() {
        return record.headers();
    }

    /**
     * Its arguments as they were written, or the whole record if it cannot be read; {@code "base64:"} and the bytes in
     * base 64 if they are no text in UTF-8; how many bytes they are if they are encrypted, or if the record cannot be
     * read and says that parts of it are secret. Of those that are marked {@link io.tidemill.task.Secret} it has
     * {@code "***"}.
     */
    public String payload() {
        byte[] payload = record.payload();
        byte[] readable = Payloads.readable(payload);
        if (readable == null) {
            return "sealed: " + payload.length + " bytes";
        }
        List<String> secrets = record.more().secrets();
        if (record.task().equals(JobCodec.UNKNOWN_TASK)
                && new String(payload, StandardCharsets.UTF_8).contains(SECRETS)) {
            return "unreadable: " + payload.length + " bytes, not shown as it may have secrets";
        }
        return secrets.isEmpty() ? text(readable) : Redaction.shown(readable, secrets);
    }

    /** The last failure; null if there was none. Of type {@code "sealed"} and empty if it is sealed. */
    public @Nullable Failure failure() {
        return failure;
    }

    /** Who runs it (active); null otherwise, and in lists, which do not look for it: {@link QueueAdmin#find} does. */
    public @Nullable LeaseHolder holder() {
        return holder;
    }

    /** When things happened to it, or will. */
    public Times times() {
        return new Times();
    }

    /** How its runs ended. */
    public Counts counts() {
        return new Counts();
    }

    /** What its call asked for about its runs; what is null was left to the task. */
    public JobOptions.Run run() {
        return JobOptions.defaults()
                .withTimeout(record.timeout())
                .withRetry(record.retry())
                .withMaxAttempts(record.maxAttempts())
                .run();
    }

    /** One line for logs: without payload, headers, message and stack, which may hold secrets. */
    @Override
    public String toString() {
        return "JobInfo[id=" + id() + ", task=" + task() + ", state=" + state() + ", priority=" + priority()
                + ", failures=" + job.failures() + ", lostLeases=" + job.lostLeases() + ", releases=" + job.releases()
                + ", failure=" + (failure == null ? "none" : failure.type()) + ", due=" + times().due() + ", finished="
                + times().finished() + ", payload of " + record.payload().length + " bytes]";
    }

    /** When things happened to a job, or will. What is null has not happened, or is not known. */
    public final class Times {

        private Times() {}

        /** When its call was made, by the producer's clock; null if the record cannot be read. */
        public @Nullable Instant created() {
            return instant(record.createdAtMillis());
        }

        /** When it may start (scheduled), by the broker's clock. */
        public @Nullable Instant due() {
            return job.state() == JobState.SCHEDULED ? instant(job.timeMillis()) : null;
        }

        /** When its run started that succeeded (succeeded and kept), by the broker's clock. */
        public @Nullable Instant started() {
            return instant(job.startedMillis());
        }

        /** When it was given up (dead) or its run ended (succeeded and kept), by the broker's clock. */
        public @Nullable Instant finished() {
            return job.state().isFinal() ? instant(job.timeMillis()) : null;
        }

        /** When it would be too late to start it for the first time, by the broker's clock; null for never. */
        public @Nullable Instant expires() {
            return instant(job.constraints().expiresMillis());
        }

        private @Nullable Instant instant(long millis) {
            return millis == 0 ? null : Instant.ofEpochMilli(millis);
        }
    }

    /** How many runs of a job ended in which way, but for the one that succeeded. */
    public final class Counts {

        private Counts() {}

        /** Runs that failed. */
        public int failures() {
            return job.failures();
        }

        /** Leases that ended while the job was held. */
        public int lostLeases() {
            return job.lostLeases();
        }

        /** How often the job was given back without a failure. */
        public int releases() {
            return job.releases();
        }

        /** How many attempts of its retry policy are spent: failures and lost leases. */
        public int spent() {
            return job.failures() + job.lostLeases();
        }
    }

    /** Bytes that are no text are shown whole as well. */
    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return "base64:" + Base64.getEncoder().encodeToString(bytes);
        }
    }

    /** Of one that cannot be read the task is {@code "?"}. */
    static Job read(byte[] body) {
        try {
            return JobCodec.decode(body);
        } catch (TidemillException e) {
            return new Job("?", body, 0, null, null, Map.of());
        }
    }
}
