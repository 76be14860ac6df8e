package io.tidemill.queue;

/** Where a workflow is. States may be added in later releases: a {@code switch} needs a {@code default} branch. */
public enum WorkflowState {
    /** Its jobs are being stored, and none of them runs yet. */
    STARTING,
    /** Its steps run, or wait. */
    RUNNING,
    /** All its steps have ended well, or were not run since a branch was not taken. */
    SUCCEEDED,
    /** A step has ended without success. The steps behind it go on when it is redriven and succeeds. */
    FAILED,
    /** A step has ended without success, and steps that have succeeded are undone. Then it has failed. */
    COMPENSATING,
    /** It was cancelled. */
    CANCELLED;

    /** Whether it has ended. A workflow that has failed runs again once its failed step is redriven. */
    public boolean isFinal() {
        return this != STARTING && this != RUNNING && this != COMPENSATING;
    }
}
