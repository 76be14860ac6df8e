package io.tidemill.metrics;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.RunInterceptor.Invocation;
import io.tidemill.task.TaskSignal;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A run of a task. Headers of the job are what a propagator reads.
 *
 * <p>Used by one thread at a time: that of the job and, for an async task, the one that completes its stage.
 */
public final class RunContext extends ReceiverContext<RunInterceptor.Invocation> {

    private final Invocation invocation;
    private String outcome = "none";
    private @Nullable KeyValues made;

    @SuppressWarnings("NullAway") // a header that is not there is null, as the getter may say
    RunContext(Invocation invocation) {
        super((run, key) -> run.context().headers().get(key), Kind.CONSUMER);
        this.invocation = invocation;
        setCarrier(invocation);
    }

    /** The run. */
    public Invocation invocation() {
        return invocation;
    }

    /**
     * How it ended: {@code succeeded}, {@code failed}, {@code snoozed} or {@code cancelled}; {@code none} as long as it
     * has not.
     */
    public String outcome() {
        return outcome;
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
     * Of a job that was enqueued with {@link JobObservations#withLinkedBulks}: the {@code traceparent} of its bulk's
     * span, as W3C Trace Context has it, so that a tracer can link the two. Null if there is none.
     */
    public @Nullable String link() {
        return invocation.context().headers().get(SentFields.LINK);
    }

    void succeeded() {
        outcome = "succeeded";
    }

    /**
     * It threw.
     *
     * @return what went wrong; null if nothing did
     */
    @Nullable
    Throwable threw(Throwable thrown) {
        if (thrown instanceof TaskSignal.Snooze) {
            outcome = "snoozed";
            return null;
        }
        if (thrown instanceof TaskSignal.Cancel || invocation.context().isCancelled()) {
            outcome = "cancelled";
            return null;
        }
        outcome = "failed";
        Throwable cause = thrown.getCause();
        return thrown instanceof TaskSignal && cause != null ? cause : thrown;
    }
}
