package io.tidemill.worker;

import io.tidemill.broker.CompletionReply;
import io.tidemill.flow.StepRun;

/** A run and what the broker said of its completion. */
record Recorded(Ended ended, CompletionReply reply) {

    /** Whether it is a run of a step that leaves messages for other queues behind. */
    boolean leavesMessages() {
        StepRun step = ended.run().step();
        return step != null
                && reply != CompletionReply.STALE
                && (reply == CompletionReply.CANCELLED || ended.verdict().leavesMessages(step));
    }
}
