package io.tidemill.broker;

import io.tidemill.text.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * A schedule to write, and what it replaces. Immutable.
 *
 * @param expected the {@link StoredSchedule#revision} that the schedule must have; null if it must not be there yet
 * @param schedule as it is to be
 */
public record ScheduleWrite(@Nullable String expected, StoredSchedule schedule) {

    /** Checks the revision. */
    public ScheduleWrite {
        if (expected != null) {
            PrintableText.check("revision", expected);
        }
    }
}
