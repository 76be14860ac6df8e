package io.tidemill.broker;

import io.tidemill.text.PrintableText;

/**
 * The step that a schedule takes when it fires: the job that carries it is stored only if the schedule still has the
 * expected revision, and in the same step the schedule gets the next one. So of all who want to fire a due time one
 * does, and a job is never stored without its step, or a step taken without its job.
 *
 * <p>The step is taken, too, when the job is not stored because its id or its unique key is taken. Several steps of one
 * schedule may be in one request, each expecting the revision that the one before brings.
 *
 * <p>A step that was taken is not taken again: if the schedule has the revision of {@code after} already, nothing is
 * changed, and the reply is {@link EnqueueReply.Duplicate} with the job's own id. If it has any other revision but the
 * expected one, or is not there, the reply is {@link EnqueueReply.Superseded}, whether the job's id is known or not.
 *
 * <p>Immutable, except that {@code after.content()} is not copied.
 *
 * @param expected the {@link StoredSchedule#revision} that the schedule must have
 * @param after the schedule as it is stored then; its revision is another one
 */
public record ScheduleStep(String expected, StoredSchedule after) {

    /** Checks the revisions. */
    public ScheduleStep {
        PrintableText.check("revision", expected);
        if (expected.equals(after.revision())) {
            throw new IllegalArgumentException("the step of schedule \"" + after.name()
                    + "\" must bring a new revision, got the expected one, " + expected);
        }
    }
}
