package io.tidemill.send;

import io.tidemill.broker.NewJob;
import io.tidemill.client.PreparedJob;
import io.tidemill.message.PayloadSeal;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.record.SealFailedException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.PrintableText;
import io.tidemill.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a job that is like one that was prepared before. Thread-safe. */
final class JobCopier {

    private final Map<String, TaskDefinition> registered;
    private final Payloads payloads;
    private final Clock clock;

    JobCopier(Map<String, TaskDefinition> registered, Payloads payloads, Clock clock) {
        this.registered = registered;
        this.payloads = payloads;
        this.clock = clock;
    }

    PreparedJob copy(PreparedJob pattern, String id, @Nullable Object[] arguments) {
        PrintableText.check("job id", id);
        NewJob job = pattern.job();
        Job record = JobCodec.decode(job.body());
        TaskDefinition definition = registered.get(pattern.task());
        long now = clock.millis();
        byte[] body = JobCodec.encode(new Job(
                record.task(),
                payload(pattern, record, id, definition, arguments),
                now,
                record.timeout(),
                record.maxAttempts(),
                record.retry(),
                0,
                record.headers()));
        return new PreparedJob(
                pattern.queue(),
                pattern.task(),
                new NewJob(
                        id,
                        body,
                        job.priority(),
                        0,
                        NewJob.NOW,
                        job.constraints().withStep(null)),
                now,
                definition == null ? pattern.resultType() : definition.resultType());
    }

    /** A seal binds arguments to the id of their job, so they are sealed anew. */
    private byte[] payload(
            PreparedJob pattern,
            Job record,
            String id,
            @Nullable TaskDefinition definition,
            @Nullable Object[] arguments) {
        PayloadSeal.Kind kind = PayloadSeal.Kind.ARGUMENTS;
        try {
            byte[] clear = arguments.length == 0
                    ? payloads.open(kind, record.payload(), pattern.queue(), record.task(), pattern.id())
                    : payloads.codec()
                            .encodeUnchecked(arguments, definition == null ? null : definition.parameterTypes());
            return payloads.seal(kind, clear, pattern.queue(), record.task(), id);
        } catch (PayloadException | SealFailedException e) {
            throw new PayloadException("no job like " + pattern + " was written: " + e.getMessage(), e);
        }
    }
}
