package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.queue.WorkflowState;
import io.tidemill.record.Payloads;
import io.tidemill.task.JobState;
import io.tidemill.text.JobIds;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Removes one workflow, as {@link QueueAdmin#deleteWorkflow} says. */
record WorkflowRemoval(Broker broker, String queue, String id) {

    /** How often the record is read again that another has written meanwhile. */
    private static final int TRIES = 5;

    /** Enough that no other write has the same. */
    private static final int REVISION_DIGITS = 18;

    boolean remove() {
        for (int i = 0; i < TRIES; i++) {
            Optional<StoredWorkflow> found = ask(broker.workflows().find(queue, id, false));
            if (found.isEmpty()) {
                return i > 0;
            }
            if (remove(found.get())) {
                return true;
            }
        }
        throw new IllegalStateException("workflow " + id + " of queue " + queue
                + " was not deleted: its record was written by others again and again");
    }

    /** The jobs first: without the record nobody finds them. Each of them that goes may change the record. */
    private boolean remove(StoredWorkflow stored) {
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        WorkflowState state = WorkflowInfo.stateOf(stored, record);
        if (!state.isFinal()) {
            throw new IllegalStateException(
                    "workflow " + id + " of queue " + queue + " was not deleted: it is " + state + "; cancel it first");
        }
        if (state == WorkflowState.CANCELLED) {
            // What runs of it is kept from going on by its id: another workflow could not have it before.
            throw new IllegalStateException("workflow " + id + " of queue " + queue
                    + " was not deleted: it is CANCELLED, and is forgotten at its time");
        }
        if (state == WorkflowState.FAILED) {
            deleteWaiting(record);
        }
        // It is there for one more ms, and takes no end and no failure then.
        WorkflowRecord over = record.with(WorkflowRecord.State.CANCELLED, record.failed());
        StoredWorkflow after = new StoredWorkflow(id, JobIds.randomDigits(REVISION_DIGITS), over.encode(), 1);
        return ask(broker.workflows().store(queue, new WorkflowWrite(stored.revision(), after, true), List.of()))
                .isWritten();
    }

    private void deleteWaiting(WorkflowRecord record) {
        if (Payloads.isSealed(record.plan())) {
            throw new IllegalStateException("workflow " + id + " of queue " + queue
                    + " was not deleted: its plan is sealed, so the jobs that wait cannot be found here; cancel it by a"
                    + " handle of a TaskQueue that has the seal");
        }
        if (record.hasAdded()) {
            throw new IllegalStateException("workflow " + id + " of queue " + queue
                    + " was not deleted: steps were added while it ran, and those that wait are in no plan; cancel it"
                    + " by its handle");
        }
        Plan plan = PlanCodec.decodePlan(record.plan());
        WorkflowRef workflow = plan.of(id);
        // Of those that are stored by the step before them, one may be due later.
        for (PlanStep step : plan.steps()) {
            String job = workflow.jobId(step.number());
            JobState state = ask(broker.lookUp().find(step.queue(), job, false))
                    .map(JobSnapshot::state)
                    .orElse(null);
            if (state == JobState.WAITING || state == JobState.SCHEDULED) {
                ask(broker.operations().delete(step.queue(), job));
            }
        }
    }

    private <V> V ask(CompletableFuture<V> request) {
        return Answers.of(request, "to delete workflow " + id);
    }
}
