package io.tidemill.record;

import io.tidemill.message.Failure;

/**
 * A {@link io.tidemill.message.PayloadSeal} threw something of its own, as when a vault is away: it may work later.
 *
 * <p>Internal: users get the failure of a run, or a {@link io.tidemill.task.PayloadException}.
 */
public final class SealFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The seal threw this. */
    public SealFailedException(RuntimeException thrown) {
        super("the seal failed: " + Failure.of(thrown).line(), thrown);
    }
}
