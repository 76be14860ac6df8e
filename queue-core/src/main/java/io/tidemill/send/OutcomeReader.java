package io.tidemill.send;

import io.tidemill.broker.JobSnapshot;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobExpiredException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.UnknownJobException;
import io.tidemill.message.Failure;
import io.tidemill.message.PayloadSeal;
import io.tidemill.record.Payloads;
import io.tidemill.record.SealFailedException;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads how a job ended: as what it returned, or as the exception that says how else it ended. Thread-safe. */
final class OutcomeReader {

    private final Payloads payloads;

    OutcomeReader(Payloads payloads) {
        this.payloads = payloads;
    }

    /** What the job returned, read as this type; null for nothing. Throws what its end means for who waits for it. */
    @Nullable
    Object read(String queue, String id, Type type, Optional<JobSnapshot> snapshot) {
        if (snapshot.isEmpty()) {
            throw new UnknownJobException(queue, id);
        }
        JobSnapshot job = snapshot.get();
        if (job.state() == JobState.CANCELLED) {
            throw new JobCancelledException(id);
        }
        if (job.state() == JobState.EXPIRED) {
            throw new JobExpiredException(id);
        }
        if (job.state() == JobState.DEAD) {
            Failure failure = job.failure() == null
                    ? Failure.of("unknown", "no failure was kept")
                    : payloads.failure(job.failure(), queue, id);
            throw new JobFailedException(id, failure, job.attempt());
        }
        if (job.result() == null && job.body() != null && isOfAValue(type)) {
            throw UnknownJobException.withoutResult(queue, id);
        }
        return job.result() == null ? null : payloads.codec().decodeResult(opened(job.result(), queue, id), type);
    }

    private byte[] opened(byte[] result, String queue, String id) {
        try {
            return payloads.open(PayloadSeal.Kind.RESULT, result, queue, null, id);
        } catch (SealFailedException e) {
            throw new PayloadException("the result of job " + id + " cannot be read now: " + e.getMessage(), e);
        }
    }

    /** Whether a task with this result returns a value for certain. */
    private static boolean isOfAValue(Type type) {
        return type != void.class && type != Void.class && type != Object.class;
    }
}
