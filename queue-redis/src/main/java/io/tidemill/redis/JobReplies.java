package io.tidemill.redis;

import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.message.Failure;
import io.tidemill.record.JobCodec;
import io.tidemill.task.JobState;
import io.tidemill.task.Priority;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what find and list say about jobs. */
final class JobReplies {

    /** Digits behind the record of a job that is kept: two times of 16 each. */
    private static final int TIMES = 32;

    private JobReplies() {}

    static Optional<JobSnapshot> found(String id, Reply reply) {
        String state = reply.text("state");
        if (state.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(snapshot(
                id, JobState.valueOf(state), reply.number("time"), reply.bytes("record"), reply.bytes("result")));
    }

    static List<JobSnapshot> listed(JobState state, Reply reply) {
        List<JobSnapshot> jobs = new ArrayList<>();
        for (int i = reply.first("jobs"); i < reply.size(); i += 3) {
            jobs.add(snapshot(reply.id(i), state, reply.number(i + 1), reply.bytes(i + 2), new byte[0]));
        }
        return jobs;
    }

    static List<JobScan.Stored> scanned(Reply reply) {
        List<JobScan.Stored> jobs = new ArrayList<>();
        for (int i = reply.first("jobs"); i < reply.size(); i += 2) {
            byte[] body =
                    snapshot(reply.id(i), JobState.READY, 0, reply.bytes(i + 1)).body();
            jobs.add(new JobScan.Stored(reply.id(i), body == null ? new byte[0] : body));
        }
        return jobs;
    }

    private static JobSnapshot snapshot(String id, JobState state, long timeMillis, byte[] record, byte[] left) {
        if (state == JobState.SUCCEEDED && record.length > TIMES) {
            return kept(id, record).withResult(result(left));
        }
        if (state.isFinal() && state != JobState.DEAD) {
            return JobSnapshot.ended(id, state, result(left));
        }
        return snapshot(id, state, timeMillis, record);
    }

    /** A job that is kept has behind its record when it finished and when it started. */
    private static JobSnapshot kept(String id, byte[] stored) {
        int end = stored.length - TIMES;
        long finished = time(stored, end);
        return snapshot(id, JobState.SUCCEEDED, finished, Arrays.copyOf(stored, end))
                .succeeded(finished, finished - time(stored, end + TIMES / 2));
    }

    private static long time(byte[] stored, int from) {
        return Long.parseLong(new String(stored, from, TIMES / 2, StandardCharsets.US_ASCII));
    }

    private static JobSnapshot snapshot(String id, JobState state, long timeMillis, byte[] record) {
        StoredJob job;
        try {
            job = StoredJob.parse(record);
        } catch (IllegalArgumentException e) {
            // Damaged, or of a newer version: a page of jobs must not fail because of one record; its bytes are shown
            // as they are.
            byte[] failure = JobCodec.encode(Failure.of("UnreadableRecord", "" + e.getMessage()));
            return new JobSnapshot(
                    id,
                    state,
                    record,
                    Priority.DEFAULT,
                    0,
                    0,
                    0,
                    failure,
                    timeMillis,
                    0,
                    null,
                    JobSnapshot.Constraints.NONE);
        }
        return new JobSnapshot(
                id,
                state,
                job.body(),
                job.priority(),
                job.failures(),
                job.lostLeases(),
                job.releases(),
                job.failure(),
                timeMillis,
                0,
                null,
                job.constraints());
    }

    /** The bytes after the letter, if the letter says that there are any. */
    static byte @Nullable [] result(byte[] left) {
        return left.length > 0 && left[0] == 'S' ? Arrays.copyOfRange(left, 1, left.length) : null;
    }
}
