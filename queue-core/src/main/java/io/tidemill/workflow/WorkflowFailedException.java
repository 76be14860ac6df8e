package io.tidemill.workflow;

import io.tidemill.message.Failure;
import io.tidemill.task.TidemillException;
import org.jspecify.annotations.Nullable;

/** The awaited workflow has failed: one of its steps has ended without success. */
public final class WorkflowFailedException extends TidemillException {

    private static final long serialVersionUID = 1L;

    private final String step;
    private final transient @Nullable Failure failure;

    /**
     * The workflow with this id has failed.
     *
     * @param step the name of the step
     * @param job the id of its job
     * @param end how it ended, in one word
     * @param failure what went wrong in its last run; null if it is not known
     */
    public WorkflowFailedException(String id, String step, String job, String end, @Nullable Failure failure) {
        super("workflow " + id + " has failed: step \"" + step + "\" (job " + job + ") is " + end
                + (failure == null ? "" : ": " + failure.type() + ": " + failure.message())
                + "; redrive the job, or call retry() on the handle, and the steps behind it go on");
        this.step = step;
        this.failure = failure;
    }

    /** The name of the step that ended without success. */
    public String step() {
        return step;
    }

    /** What went wrong in its last run; null if it did not die, or nothing of it is kept. */
    public @Nullable Failure failure() {
        return failure;
    }
}
