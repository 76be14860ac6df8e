package io.tidemill.redis;

import io.tidemill.broker.JobSnapshot;
import io.tidemill.message.Failure;
import io.tidemill.record.JobCodec;
import io.tidemill.task.JobState;
import io.tidemill.task.Priority;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what find and list say about jobs. */
final class JobReplies {

    private JobReplies() {}

    static Optional<JobSnapshot> found(String id, Reply reply) {
        String state = reply.text("state");
        if (state.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(snapshot(
                id,
                JobState.valueOf(state),
                reply.number("time"),
                reply.bytes("record"),
                reply.bytes("result")));
    }

    static List<JobSnapshot> listed(JobState state, Reply reply) {
        List<JobSnapshot> jobs = new ArrayList<>();
        for (int i = reply.first("jobs"); i < reply.size(); i += 3) {
            jobs.add(snapshot(reply.text(i), state, reply.number(i + 1), reply.bytes(i + 2), new byte[0]));
        }
        return jobs;
    }

    private static JobSnapshot snapshot(String id, JobState state, long timeMillis, byte[] record, byte[] kept) {
        if (state.isFinal() && state != JobState.DEAD) {
            return new JobSnapshot(id, state, null, 0, 0, 0, 0, null, 0, result(kept));
        }
        StoredJob job;
        try {
            job = StoredJob.parse(record);
        } catch (IllegalArgumentException e) {
            // Damaged, or of a newer version: a page of jobs must not fail for it, and its bytes are all that there is.
            byte[] failure = JobCodec.encode(Failure.of("UnreadableRecord", "" + e.getMessage()));
            return new JobSnapshot(id, state, record, Priority.DEFAULT, 0, 0, 0, failure, timeMillis, null);
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
                null);
    }

    /** The bytes after the letter, if the letter says that there are any. */
    static byte @Nullable [] result(byte[] kept) {
        return kept.length > 0 && kept[0] == 'S' ? Arrays.copyOfRange(kept, 1, kept.length) : null;
    }
}
