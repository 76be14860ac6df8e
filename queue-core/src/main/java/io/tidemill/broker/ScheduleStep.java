package io.tidemill.broker;

import io.tidemill.text.PrintableText;

/**
 * The step that a schedule takes when it fires: the job that carries it is stored only if the schedule still has the
 * expected revision, and in the same step the schedule gets the next one. So of all who want to fire a due time one
 * does, and a job is never stored without its step, or a step taken without its job.
 *
 * <p>The step is taken, too, when the job is not stored because its id or its unique key is taken. A request that was
 * executed before takes no second step: the expected revision is gone by then, and the reply is the same.
 *
 * <p>Immutable, except that {@code after.content()} is not copied.
 *
 * @param expected the {@link StoredSchedule#revision} that the schedule must have
 * @param after the schedule as it is stored then
 */
public record ScheduleStep(String expected, StoredSchedule after) {

    /** Checks the revision. */
    public ScheduleStep {
        PrintableText.check("revision", expected);
    }
}
