package io.tidemill.workflow;

import io.tidemill.message.Failure;
import io.tidemill.task.TidemillException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The awaited workflow has failed: one of its steps has ended without success. */
public final class WorkflowFailedException extends TidemillException {

    private static final long serialVersionUID = 1L;

    private final String step;
    private final transient @Nullable Failure failure;
    private final transient @Nullable Compensation compensation;

    /**
     * How far a workflow was compensated.
     *
     * @param compensated the names of the steps that are undone, in the order in which they were
     * @param left the names of the steps that have succeeded and are not undone
     * @param stoppedAt the id of the job that has ended without success while steps were undone; null for none. When it
     *     is redriven, the rest is undone
     */
    public record Compensation(
            List<String> compensated,
            List<String> left,
            @Nullable String stoppedAt) {

        /** Copies the lists. */
        public Compensation {
            compensated = List.copyOf(compensated);
            left = List.copyOf(left);
        }

        @Override
        public String toString() {
            String done = "; compensated: " + (compensated.isEmpty() ? "nothing" : String.join(", ", compensated));
            return stoppedAt == null
                    ? done
                    : done + "; not compensated: " + String.join(", ", left) + ", as job " + stoppedAt
                            + " has ended without success; redrive that job, or call retry() on the handle";
        }
    }

    /**
     * The workflow with this id has failed.
     *
     * @param step the name of the step
     * @param job the id of its job
     * @param end how it ended, in one word
     * @param failure what went wrong in its last run; null if it is not known
     * @param compensation how far it was compensated; null if it has no compensations
     */
    public WorkflowFailedException(
            String id,
            String step,
            String job,
            String end,
            @Nullable Failure failure,
            @Nullable Compensation compensation) {
        super("workflow " + id + " has failed: step \"" + step + "\" (job " + job + ") is " + end
                + (failure == null ? "" : ": " + failure.type() + ": " + failure.message())
                + (compensation == null
                        ? end.equals("dead")
                                ? "; redrive the job, or call retry() on the handle, and the steps behind it go on"
                                : "; it cannot be run again, so start the workflow anew"
                        : compensation));
        this.step = step;
        this.failure = failure;
        this.compensation = compensation;
    }

    /** The name of the step that ended without success. */
    public String step() {
        return step;
    }

    /**
     * What went wrong in its last run; null if it did not die, as when it was cancelled, or if nothing of it is kept.
     */
    public @Nullable Failure failure() {
        return failure;
    }

    /** How far it was compensated; null if it has no compensations. */
    public @Nullable Compensation compensation() {
        return compensation;
    }
}
