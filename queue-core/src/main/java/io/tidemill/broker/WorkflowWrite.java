package io.tidemill.broker;

import io.tidemill.text.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * A write of the record of a workflow, done only if it has the expected revision.
 *
 * @param expected the revision that it must have; null if it must not be there
 * @param after the record as it is stored then; its revision is another one
 * @param isFinal whether the workflow has ended with it: an end that comes later changes nothing. Another write may
 */
public record WorkflowWrite(@Nullable String expected, StoredWorkflow after, boolean isFinal) {

    /** An end that comes later ends the workflow. */
    public WorkflowWrite(@Nullable String expected, StoredWorkflow after) {
        this(expected, after, false);
    }

    /** Checks the revisions. */
    public WorkflowWrite {
        if (expected != null) {
            PrintableText.check("revision", expected);
        }
        if (after.revision().equals(expected)) {
            throw new IllegalArgumentException("the write of workflow " + after.id()
                    + " must bring a new revision, got the expected one, " + expected);
        }
    }
}
