package io.tidemill.workflow;

import io.tidemill.async.Answers;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.plan.FailurePolicy;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Cancels a workflow, or lets one that has failed go on.
 *
 * <p>Used once.
 */
final class WorkflowChanges {

    private final WorkflowParts parts;
    private final String home;
    private final String id;

    WorkflowChanges(WorkflowParts parts, String home, String id) {
        this.parts = parts;
        this.home = home;
        this.id = id;
    }

    /**
     * The queues first: no completion brings anything new, and none ends the workflow. Then the record, then the jobs.
     */
    boolean cancel() {
        StoredWorkflow stored = find();
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        if (stored.end() != null || !isCancellable(record)) {
            // If it was cancelled by a process that died before it was done, the rest is done now.
            if (stored.end() == null && record.state() == WorkflowRecord.State.CANCELLED) {
                end(plan(record), record, stored.keepMillis());
            }
            return false;
        }
        Plan plan = plan(record);
        stop(plan, record, WorkflowStore.MAX_STOP_MILLIS);
        boolean isMine = false;
        // One that has failed may have steps that run, and steps that wait.
        while (!isMine && stored.end() == null && record.state() != WorkflowRecord.State.CANCELLED) {
            isMine = writeCancelled(stored, record);
            if (!isMine) {
                stored = find();
                record = WorkflowRecord.decode(stored.content());
            }
        }
        if (stored.end() == null) {
            end(plan, record, WorkflowStore.MAX_STOP_MILLIS);
        }
        return isMine;
    }

    /** One that compensates has ended its steps already, and goes on to undo them. */
    private static boolean isCancellable(WorkflowRecord record) {
        return record.state() != WorkflowRecord.State.CANCELLED
                && !(record.onFailure() == FailurePolicy.COMPENSATE && record.isOver());
    }

    /** No longer than the record is kept: another workflow may have the id then. */
    private void stop(Plan plan, WorkflowRecord record, long millis) {
        Set<String> queues = new TreeSet<>(plan.queues());
        queues.addAll(record.added());
        for (String queue : queues) {
            answer(workflows().stop(queue, id, Math.min(millis, WorkflowStore.MAX_STOP_MILLIS)));
        }
    }

    private void end(Plan plan, WorkflowRecord record, long stopMillis) {
        stop(plan, record, stopMillis);
        ProgressReader reader = new ProgressReader(parts, id, plan, WorkflowState.CANCELLED, record);
        List<StepProgress> steps = reader.read();
        // Before the steps: one that waits for elements says how many there are, as long as it is there.
        maps(plan, reader).forEach(MapElements::cancel);
        for (StepProgress step : steps) {
            JobState state = step.state();
            if (state != null && !state.isFinal()) {
                answer(parts.broker().cancellation().cancel(step.queue(), step.job()));
            }
        }
    }

    /** The jobs first, then the record: a step that fails again writes the record, so that this write is refused. */
    int retry() {
        StoredWorkflow stored = find();
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        if (stored.end() != null || record.state() != WorkflowRecord.State.FAILED) {
            throw new IllegalStateException(
                    "workflow " + id + " has not failed, it is " + BrokerWorkflowHandle.stateOf(stored));
        }
        WorkflowRecord.Failed last = record.failed();
        if (last != null && !last.canRunAgain() && record.undo() == null) {
            throw new IllegalStateException("workflow " + id + " cannot go on: job " + last.job() + " of queue "
                    + last.queue() + " is " + last.end().toLowerCase(Locale.ROOT)
                    + ", and cannot be run again; start the workflow anew");
        }
        Plan plan = plan(record);
        if (record.onFailure() == FailurePolicy.COMPENSATE) {
            return compensateAgain(stored, record);
        }
        ProgressReader reader = new ProgressReader(parts, id, plan, WorkflowState.RUNNING, record);
        List<StepProgress> steps = reader.read();
        int redriven = maps(plan, reader).mapToInt(MapElements::redrive).sum();
        for (StepProgress step : steps) {
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

    private Stream<MapElements> maps(Plan plan, ProgressReader reader) {
        return Stream.concat(Stream.of(plan), reader.addedPlans().stream())
                .map(each -> new MapElements(parts, id, each));
    }

    /** Steps that were undone are not run again. What was to undo them is, if it is dead. */
    private int compensateAgain(StoredWorkflow stored, WorkflowRecord record) {
        WorkflowRecord.Failed failed = record.failed();
        WorkflowRecord.Undo undo = record.undo();
        WorkflowRecord.Failed stopped = undo == null ? failed : undo.failed();
        if (stopped == null) {
            throw new IllegalStateException(
                    "workflow " + id + " cannot go on: the steps that had succeeded were compensated; start it anew");
        }
        List<RedriveReply> replies =
                answer(parts.broker().operations().redrive(stopped.queue(), List.of(Redrive.now(stopped.job()))));
        if (!replies.contains(RedriveReply.REDRIVEN)) {
            throw new IllegalStateException("workflow " + id + " cannot go on: job " + stopped.job() + " of queue "
                    + stopped.queue() + " is not dead");
        }
        boolean compensates = undo != null;
        WorkflowRecord changed = record.with(
                        compensates ? WorkflowRecord.State.COMPENSATING : WorkflowRecord.State.RUNNING,
                        compensates ? failed : null)
                .with(undo == null ? null : new WorkflowRecord.Undo(undo.steps(), false, null));
        // If it is refused, the job has ended already, and what it wrote is right.
        write(stored, changed, StoredWorkflow.UNTIL_WRITTEN);
        return 1;
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
        return write(new WorkflowWrite(stored.revision(), after(record, keepMillis)));
    }

    /** Its end may be on its way from another queue. It comes too late then. */
    private boolean writeCancelled(StoredWorkflow stored, WorkflowRecord record) {
        WorkflowRecord cancelled = record.with(WorkflowRecord.State.CANCELLED, record.failed());
        return write(new WorkflowWrite(stored.revision(), after(cancelled, WorkflowRecord.KEPT_MILLIS), true));
    }

    private StoredWorkflow after(WorkflowRecord record, long keepMillis) {
        return new StoredWorkflow(id, parts.revisions().next(), record.encode(), keepMillis);
    }

    private boolean write(WorkflowWrite write) {
        return answer(workflows().store(home, write, List.of())).isWritten();
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
