package io.tidemill.admin;

import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.message.Failure;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.JobState;
import io.tidemill.task.TidemillException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job as an operator sees it.
 *
 * <p>Immutable.
 *
 * @param id the job
 * @param task the task's name; {@code "?"} if its record cannot be read
 * @param state where it was
 * @param priority 0 to 9
 * @param failures how many runs failed
 * @param lostLeases how many leases on it ended while it was held
 * @param releases how many times it was given back without a failure
 * @param failure the last failure; null if there was none
 * @param time when it is due (scheduled) or died (dead); null otherwise
 * @param payload its arguments as they were written, or the whole record if it cannot be read; {@code "base64:"} and
 *     the bytes in base 64 if they are no text in UTF-8
 * @param timeout how long one run may take, as its call asked for; null if it left that to the task
 * @param maxAttempts runs before it is dead, as its call asked for; null if it left that to the task
 * @param headers the small texts that travel along
 * @param holder who runs it (active); null otherwise, and in lists
 */
public record JobInfo(
        String id,
        String task,
        JobState state,
        int priority,
        int failures,
        int lostLeases,
        int releases,
        @Nullable Failure failure,
        @Nullable Instant time,
        String payload,
        @Nullable Duration timeout,
        @Nullable Integer maxAttempts,
        Map<String, String> headers,
        @Nullable LeaseHolder holder) {

    /** How many runs were used up: failed ones and those whose lease ended. */
    public int attempts() {
        return failures + lostLeases;
    }

    /** One line for logs: without payload, headers and stack, which may hold what is nobody's business. */
    @Override
    public String toString() {
        return "JobInfo[id=" + id + ", task=" + task + ", state=" + state + ", priority=" + priority + ", failures="
                + failures + ", lostLeases=" + lostLeases + ", releases=" + releases + ", failure="
                + (failure == null ? "none" : failure.type()) + ", time=" + time + ", payload of " + payload.length()
                + " characters]";
    }

    static JobInfo of(JobSnapshot job) {
        return of(job, null);
    }

    static JobInfo of(Inspection seen) {
        return of(seen.job(), seen.token() == null ? null : LeaseHolder.of(seen.token(), seen.leaseEndsMillis()));
    }

    private static JobInfo of(JobSnapshot job, @Nullable LeaseHolder holder) {
        byte[] body = job.body() == null ? new byte[0] : job.body();
        Job record = read(body);
        return new JobInfo(
                job.id(),
                record.task(),
                job.state(),
                job.priority(),
                job.failures(),
                job.lostLeases(),
                job.releases(),
                job.failure() == null ? null : JobCodec.decodeFailure(job.failure()),
                job.timeMillis() == 0 ? null : Instant.ofEpochMilli(job.timeMillis()),
                text(record.payload()),
                record.timeout(),
                record.maxAttempts(),
                record.headers(),
                holder);
    }

    /** Text stays text, and nothing is lost of what is none. */
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

    private static Job read(byte[] body) {
        try {
            return JobCodec.decode(body);
        } catch (TidemillException e) {
            return new Job("?", body, 0, null, null, Map.of());
        }
    }
}
