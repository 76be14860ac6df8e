package io.tidemill.metrics;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.tidemill.client.SendInterceptor;
import io.tidemill.client.SendInterceptor.Sending;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call that is about to be written. What a propagator sets becomes a header of the job.
 *
 * <p>Used by one thread, the one that enqueues.
 */
public final class EnqueueContext extends SenderContext<SendInterceptor.Sending> {

    private final Sending sending;
    private final String queueTag;
    private final String taskTag;
    private @Nullable KeyValues made;
    private final @Nullable String link;

    EnqueueContext(Sending sending, KnownNames names, @Nullable String link) {
        super(EnqueueContext::header, Kind.PRODUCER);
        this.sending = sending;
        this.queueTag = names.queue(sending.queue());
        this.taskTag = names.task(sending.task());
        this.link = link;
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

    /** The keys that are the same at the start and at the stop, made when they are asked for first. */
    KeyValues once(Supplier<KeyValues> maker) {
        KeyValues keys = made;
        if (keys == null) {
            keys = maker.get();
            made = keys;
        }
        return keys;
    }

    /**
     * Of a job that is like one which was prepared before, as each job of a schedule: the {@code traceparent} of that
     * one, as W3C Trace Context has it, so that a tracer can link the two. Null if there is none.
     */
    public @Nullable String link() {
        return link;
    }

    private static void header(@Nullable Sending sending, String key, String value) {
        if (sending != null) {
            SentFields.write(sending, key, value);
        }
    }
}
