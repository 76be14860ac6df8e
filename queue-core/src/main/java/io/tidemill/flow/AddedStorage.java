package io.tidemill.flow;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.Followers;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.plan.Plan;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.text.JobIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Stores the steps that a step has added, in whatever queues they are. All of them wait until this job has completed,
 * so if it is run again, none of them has run.
 *
 * <p>The record says first in which queues such steps are: who cancels the workflow, or lets it go on, looks for them
 * only then.
 *
 * <p>Thread-safe. Waits for the broker.
 */
public final class AddedStorage {

    /** How often the record is read again that another has written meanwhile. */
    private static final int TRIES = 20;

    private final Broker broker;
    private final AddedSteps added;
    private final WorkflowStarter starter;
    private final JobIds revisions;

    /** At this broker. */
    public AddedStorage(Broker broker, StepJobs jobs, WorkflowStarter starter, JobIds revisions) {
        this.broker = broker;
        this.added = new AddedSteps(broker, jobs);
        this.starter = starter;
        this.revisions = revisions;
    }

    /**
     * Stores them.
     *
     * @param step the job that does it
     * @param mayGoOn asked before each request
     * @return what lets them begin; nothing if the workflow was cancelled
     */
    public Followers store(StepRun step, BooleanSupplier mayGoOn) {
        WorkflowRef workflow = step.workflow();
        AddedSteps.Added found =
                Answers.of(added.of(workflow, step.step()), "about added steps").orElse(null);
        if (found == null) {
            return Followers.NONE;
        }
        Set<String> queues = new TreeSet<>(Set.of(step.queue()));
        found.plans().forEach(plan -> queues.addAll(plan.queues()));
        if (!note(workflow, queues)) {
            Answers.of(broker.cancellation().cancel(step.queue(), found.job()), "to add steps to a workflow");
            return Followers.NONE;
        }
        List<Fill> begin = new ArrayList<>();
        for (Plan plan : found.plans()) {
            begin.addAll(starter.storeAdded(workflow.id(), plan, mayGoOn));
        }
        return new Followers(List.of(), begin);
    }

    /** Whether the workflow is still there, and was not cancelled. */
    private boolean note(WorkflowRef workflow, Set<String> queues) {
        for (int i = 0; i < TRIES; i++) {
            StoredWorkflow stored = Answers.of(
                            broker.workflows().find(workflow.home(), workflow.id(), false),
                            "about workflow " + workflow.id())
                    .orElse(null);
            if (stored == null || stored.end() != null) {
                return false;
            }
            WorkflowRecord record = WorkflowRecord.decode(stored.content());
            if (record.state() == WorkflowRecord.State.CANCELLED) {
                return false;
            }
            Set<String> missing = new TreeSet<>(queues);
            missing.removeAll(record.added());
            if (missing.isEmpty() || write(workflow, stored, record.withAdded(queues))) {
                return true;
            }
        }
        throw new IllegalStateException(
                "the record of workflow " + workflow.id() + " was written by others again and again");
    }

    private boolean write(WorkflowRef workflow, StoredWorkflow before, WorkflowRecord changed) {
        StoredWorkflow after =
                new StoredWorkflow(workflow.id(), revisions.next(), changed.encode(), before.keepMillis());
        return Answers.of(
                        broker.workflows()
                                .store(workflow.home(), new WorkflowWrite(before.revision(), after), List.of()),
                        "to add steps to a workflow")
                .isWritten();
    }
}
