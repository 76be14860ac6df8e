package io.tidemill.broker;

import org.jspecify.annotations.Nullable;

/**
 * Another time for a scheduled job, and perhaps another body.
 *
 * <p>Immutable, except that {@code body} is not copied.
 *
 * @param id of the job
 * @param delayMillis how long it waits from now, in ms; 0 or less for not at all
 * @param dueMillis not before this time, ms since 1970 by the broker's clock; {@link NewJob#NOW} if the delay says it
 *     all
 * @param body what takes the place of its record, opaque to the broker; null to keep the one that it has
 */
public record Reschedule(String id, long delayMillis, long dueMillis, byte @Nullable [] body) {

    /** Another time, counted from now. */
    public static Reschedule after(String id, long delayMillis) {
        return new Reschedule(id, delayMillis, NewJob.NOW, null);
    }

    /** The same, with another body. */
    public Reschedule withBody(byte[] value) {
        return new Reschedule(id, delayMillis, dueMillis, value);
    }
}
