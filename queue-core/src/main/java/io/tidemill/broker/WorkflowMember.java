package io.tidemill.broker;

import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;

/**
 * What a job says of the workflow that it is a step of. The broker does not know workflows: it gives this back when the
 * job ends without success ({@link OutboxMessage.Ended}).
 *
 * <p>Immutable.
 *
 * @param workflow the id of the workflow: printable text, as ids of jobs are
 * @param home the queue that keeps the record of the workflow
 * @param step the number of the step in its plan, 0 or more
 */
public record WorkflowMember(String workflow, String home, int step) {

    /** Checks the texts and the range of the number. */
    public WorkflowMember {
        PrintableText.check("workflow id", workflow);
        Names.check("home queue", home);
        if (step < 0) {
            throw new IllegalArgumentException("step must be 0 or more, got " + step);
        }
    }
}
