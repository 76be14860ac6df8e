package io.tidemill.broker;

import io.tidemill.text.PrintableText;

/**
 * A schedule as the broker keeps it.
 *
 * <p>Immutable, except that {@code content} is not copied.
 *
 * @param name its name, unique in its queue
 * @param revision changes with every write; made by whoever writes it, and different from all others, so that a write
 *     that was executed is recognised when it is repeated
 * @param fireAtMillis when {@link ScheduleStore#take} brings it, ms since 1970 by the broker's clock; {@link #NEVER}
 *     for one that is paused or over
 * @param content what it is and when it fired, opaque to the broker: 0 to {@value #MAX_CONTENT_BYTES} bytes of any
 *     value
 */
public record StoredSchedule(String name, String revision, long fireAtMillis, byte[] content) {

    /** Not brought until it is written again. */
    public static final long NEVER = -1;

    /** Most bytes of the content. */
    public static final int MAX_CONTENT_BYTES = 1 << 20;

    /** Checks the texts, the range of the time and the length of the content. */
    public StoredSchedule {
        PrintableText.check("schedule name", name);
        PrintableText.check("revision", revision);
        if (fireAtMillis < NEVER) {
            throw new IllegalArgumentException("fireAtMillis must be 0 or more, or NEVER, got " + fireAtMillis);
        }
        if (content.length > MAX_CONTENT_BYTES) {
            throw new IllegalArgumentException("the content of schedule \"" + name + "\" must have at most "
                    + MAX_CONTENT_BYTES + " bytes, got " + content.length);
        }
    }
}
