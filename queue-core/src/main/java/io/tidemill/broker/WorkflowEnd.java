package io.tidemill.broker;

/**
 * The end of a workflow that has succeeded: {@link Followers#end}.
 *
 * <p>Immutable, except that {@code outcome} is not copied.
 *
 * @param outcome what it ended with, opaque to the broker: 0 to {@value Followers#MAX_BYTES} bytes
 * @param keepMillis for how long its record is kept from then on, 1 ms or more
 */
public record WorkflowEnd(byte[] outcome, long keepMillis) {

    /** Checks the range of the time. */
    public WorkflowEnd {
        if (keepMillis < 1) {
            throw new IllegalArgumentException("keepMillis must be 1 or more, got " + keepMillis);
        }
    }
}
