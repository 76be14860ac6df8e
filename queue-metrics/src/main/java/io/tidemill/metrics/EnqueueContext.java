package io.tidemill.metrics;

import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.tidemill.client.SendInterceptor;
import io.tidemill.client.SendInterceptor.Sending;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call that is about to be written. What a propagator sets becomes a header of the job.
 *
 * <p>Used by one thread, the one that enqueues.
 */
public final class EnqueueContext extends SenderContext<SendInterceptor.Sending> {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.metrics");

    private final Sending sending;
    private final String queueTag;
    private final String taskTag;

    EnqueueContext(Sending sending, KnownNames names) {
        super(EnqueueContext::header, Kind.PRODUCER);
        this.sending = sending;
        this.queueTag = names.queue(sending.queue());
        this.taskTag = names.task(sending.task());
        setCarrier(sending);
    }

    /** The call. */
    public Sending sending() {
        return sending;
    }

    /** The queue; {@code other} if its name does not stand in the code of this process. */
    public String queueTag() {
        return queueTag;
    }

    /** The task; {@code other} likewise. */
    public String taskTag() {
        return taskTag;
    }

    /** A field that does not fit into a header is not sent: a trace is no reason not to store a job. */
    private static void header(@Nullable Sending sending, String key, String value) {
        if (sending == null) {
            return;
        }
        try {
            sending.header(key, value);
        } catch (IllegalArgumentException e) {
            log.debug("job {}: not sent along: {}", sending.jobId(), e.getMessage());
        }
    }
}
