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
 * @param content what it is and when it fired, opaque to the broker
 */
public record StoredSchedule(String name, String revision, long fireAtMillis, byte[] content) {

    /** Not brought until it is written again. */
    public static final long NEVER = -1;

    /** Checks the texts and the range of the time. */
    public StoredSchedule {
        PrintableText.check("schedule name", name);
        PrintableText.check("revision", revision);
        if (fireAtMillis < NEVER) {
            throw new IllegalArgumentException("fireAtMillis must be 0 or more, or NEVER, got " + fireAtMillis);
        }
    }
}
