package io.tidemill.send;

import io.tidemill.broker.NewJob;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.SendInterceptor;
import io.tidemill.message.PayloadSeal;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.record.Redaction;
import io.tidemill.record.SealFailedException;
import io.tidemill.task.JobOptions;
import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.PrintableText;
import io.tidemill.time.Clock;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a job that is like one that was prepared before. Thread-safe. */
final class JobCopier {

    private final Map<String, TaskDefinition> registered;
    private final List<SendInterceptor> interceptors;
    private final Payloads payloads;
    private final Clock clock;

    JobCopier(
            Map<String, TaskDefinition> registered,
            List<SendInterceptor> interceptors,
            Payloads payloads,
            Clock clock) {
        this.registered = registered;
        this.interceptors = interceptors;
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
                headers(pattern, record, id, definition, arguments),
                more(record, definition, arguments)));
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

    /**
     * New arguments have the version that is known here; those of the pattern keep theirs. A deadline belongs to one
     * job.
     */
    private Job.More more(Job record, @Nullable TaskDefinition definition, @Nullable Object[] arguments) {
        Job.More more = record.more();
        if (definition == null || arguments.length == 0) {
            return more.deadlineMillis() == 0 ? more : new Job.More(more.version(), more.secrets(), 0);
        }
        int version = definition.version();
        return version == 1 && !definition.hasSecrets()
                ? Job.More.NONE
                : new Job.More(version, Redaction.paths(definition, payloads.codec()), 0);
    }

    /** What is said of one job, as its trace, need not hold for the next one like it. */
    private Map<String, String> headers(
            PreparedJob pattern,
            Job record,
            String id,
            @Nullable TaskDefinition definition,
            @Nullable Object[] arguments) {
        if (interceptors.isEmpty()) {
            return record.headers();
        }
        SendingCall sending = new SendingCall(
                record.task(),
                Collections.unmodifiableList(Arrays.asList(arguments)),
                definition,
                pattern.queue(),
                id,
                JobOptions.defaults().withHeaders(record.headers()));
        interceptors.forEach(interceptor -> interceptor.beforeCopy(sending));
        return sending.headers();
    }

    private byte[] encode(@Nullable TaskDefinition definition, @Nullable Object[] arguments) {
        try {
            return payloads.codec().encodeUnchecked(arguments, definition == null ? null : definition.parameterTypes());
        } catch (PayloadException e) {
            throw Redaction.reason(definition, e);
        }
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
                    : encode(definition, arguments);
            return payloads.seal(kind, clear, pattern.queue(), record.task(), id);
        } catch (PayloadException | SealFailedException e) {
            throw new PayloadException("no job like " + pattern + " was written: " + e.getMessage(), e);
        }
    }
}
