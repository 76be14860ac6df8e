package io.tidemill.plan;

/** What becomes of a workflow when a step has ended without success. */
public enum FailurePolicy {
    /**
     * The workflow has failed. Steps that wait for that step go on waiting, where everybody sees them; when it is
     * redriven and succeeds they go on.
     */
    FAIL(0),
    /**
     * The step counts as one that was not run, and so do the steps that need what it would have given. Lists leave it
     * out.
     */
    CONTINUE(1),
    /**
     * No further step is run. What has succeeded is undone by the calls that were given for it, the last one first.
     * Then the workflow has failed.
     */
    COMPENSATE(2);

    private final int code;

    FailurePolicy(int code) {
        this.code = code;
    }

    /** What stands for it in bytes. */
    int code() {
        return code;
    }
}
