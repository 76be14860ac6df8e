package io.tidemill.workflow;

import io.tidemill.async.Answers;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Cancels a workflow, or lets one that has failed go on.
 *
 * <p>Used once.
 */
final class WorkflowChanges {

    /** How long a workflow that was cancelled, or has failed, is kept. */
    private static final long KEPT_MILLIS = Duration.ofDays(30).toMillis();

    private final WorkflowParts parts;
    private final String home;
    private final String id;

    WorkflowChanges(WorkflowParts parts, String home, String id) {
        this.parts = parts;
        this.home = home;
        this.id = id;
    }

    /** The record first, then the queues, then the jobs: a completion that comes in between brings nothing new. */
    boolean cancel() {
        StoredWorkflow stored = find();
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        boolean isMine = false;
        // One that has failed may have steps that run, and steps that wait.
        while (!isMine && stored.end() == null && record.state() != WorkflowRecord.State.CANCELLED) {
            isMine = write(stored, record.with(WorkflowRecord.State.CANCELLED, record.failed()), KEPT_MILLIS);
            if (!isMine) {
                stored = find();
                record = WorkflowRecord.decode(stored.content());
            }
        }
        if (stored.end() == null) {
            end(plan(record));
        }
        return isMine;
    }

    private void end(Plan plan) {
        for (String queue : plan.queues()) {
            answer(workflows().stop(queue, id, WorkflowStore.MAX_STOP_MILLIS));
        }
        // Before the steps: one that waits for elements says how many there are, as long as it is there.
        new MapElements(parts, id, plan).cancel();
        for (StepProgress step : new ProgressReader(parts, id, plan, WorkflowState.CANCELLED).read()) {
            JobState state = step.state();
            if (state != null && !state.isFinal()) {
                answer(parts.broker().cancellation().cancel(step.queue(), step.job()));
            }
        }
    }

    /**
     * The jobs first, then the record: a step that fails again writes the record, so that this write is refused.
     */
    int retry() {
        StoredWorkflow stored = find();
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        if (stored.end() != null || record.state() != WorkflowRecord.State.FAILED) {
            throw new IllegalStateException(
                    "workflow " + id + " has not failed, it is " + BrokerWorkflowHandle.stateOf(stored));
        }
        Plan plan = plan(record);
        int redriven = new MapElements(parts, id, plan).redrive();
        for (StepProgress step : new ProgressReader(parts, id, plan, WorkflowState.FAILED).read()) {
            if (step.state() == JobState.DEAD) {
                List<RedriveReply> replies =
                        answer(parts.broker().operations().redrive(step.queue(), List.of(Redrive.now(step.job()))));
                redriven += replies.contains(RedriveReply.REDRIVEN) ? 1 : 0;
            }
        }
        if (redriven == 0) {
            throw new IllegalStateException("workflow " + id + " cannot go on: none of its steps is dead, and one that"
                    + " was cancelled, expired or deleted cannot be run again; start it anew");
        }
        goOn(stored, record);
        return redriven;
    }

    /** The failure of a step that is redriven by now may be written meanwhile. One that has failed again stays. */
    private void goOn(StoredWorkflow found, WorkflowRecord failed) {
        StoredWorkflow stored = found;
        WorkflowRecord record = failed;
        while (!write(stored, record.with(WorkflowRecord.State.RUNNING, null), StoredWorkflow.UNTIL_WRITTEN)) {
            stored = find();
            record = WorkflowRecord.decode(stored.content());
            WorkflowRecord.Failed step = record.failed();
            if (stored.end() != null || record.state() != WorkflowRecord.State.FAILED || step == null || isDead(step)) {
                return;
            }
        }
    }

    private boolean isDead(WorkflowRecord.Failed step) {
        return answer(parts.awaiter().find(step.queue(), step.job()))
                .map(job -> job.state() == JobState.DEAD)
                .orElse(false);
    }

    private boolean write(StoredWorkflow stored, WorkflowRecord record, long keepMillis) {
        StoredWorkflow after = new StoredWorkflow(id, parts.revisions().next(), record.encode(), keepMillis);
        return answer(workflows().store(home, new WorkflowWrite(stored.revision(), after), List.of()))
                .isWritten();
    }

    private Plan plan(WorkflowRecord record) {
        return PlanCodec.decodePlan(parts.jobs().openPlan(record.plan(), id, home));
    }

    private StoredWorkflow find() {
        return answer(workflows().find(home, id, false)).orElseThrow(() -> new UnknownWorkflowException(home, id));
    }

    private WorkflowStore workflows() {
        return parts.broker().workflows();
    }

    private <V> V answer(CompletableFuture<V> future) {
        return Answers.of(future, "about workflow " + id);
    }
}
