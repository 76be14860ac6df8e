package io.tidemill.workflow;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.flow.StepJobs;
import io.tidemill.observe.Observers;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepValue;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.queue.Enqueued;
import io.tidemill.record.JobCodec;
import io.tidemill.task.BrokerException;
import io.tidemill.text.JobIds;
import io.tidemill.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stores a workflow: its record, and the jobs of its first steps and of those that wait.
 *
 * <p>If all of it is in one queue and fits one request, it is one step. If not, the record comes first and says that
 * the workflow starts. Then come the jobs, all of them waiting, then the record says that it runs, and then the first
 * steps get what they wait for. Each of these may be done again, and none of the workflow's code runs before the record
 * says that it runs. So a start that was broken off is finished by the same start.
 *
 * <p>Thread-safe.
 */
final class WorkflowStarter {

    private static final byte[] GO = PlanCodec.encode(StepValue.Empty.NOTHING);

    private final Broker broker;
    private final StepJobs jobs;
    private final Observers observers;
    private final JobIds revisions;
    private final Clock clock;

    WorkflowStarter(Broker broker, StepJobs jobs, Observers observers, JobIds revisions, Clock clock) {
        this.broker = broker;
        this.jobs = jobs;
        this.observers = observers;
        this.revisions = revisions;
        this.clock = clock;
    }

    /** Starts it. Returns whether it was not there before. */
    boolean start(String id, Plan plan) {
        List<WorkflowJob> all = new ArrayList<>();
        plan.first().forEach(step -> all.add(jobs.ready(plan.of(id), step, null, clock.millis())));
        all.addAll(waiting(id, plan));
        for (WorkflowJob job : all) {
            broker.check(plan.home(), job.job());
        }
        return fitsOneRequest(plan, all) ? startAtOnce(id, plan, all) : startInParts(id, plan);
    }

    private boolean fitsOneRequest(Plan plan, List<WorkflowJob> all) {
        return all.size() <= WorkflowStore.MAX_JOBS
                && all.stream().mapToLong(job -> broker.cost(job.job())).sum() <= Broker.MAX_COST
                && plan.first().stream().allMatch(step -> step.queue().equals(plan.home()))
                && plan.waiting().stream().allMatch(step -> step.queue().equals(plan.home()));
    }

    private boolean startAtOnce(String id, Plan plan, List<WorkflowJob> all) {
        StoredWorkflow record = record(id, plan, WorkflowRecord.State.RUNNING);
        boolean isNew = store(plan.home(), new WorkflowWrite(null, record), all).isWritten();
        if (!isNew) {
            finish(id, plan.home());
        }
        return isNew;
    }

    private boolean startInParts(String id, Plan plan) {
        StoredWorkflow record = record(id, plan, WorkflowRecord.State.STARTING);
        boolean isNew =
                store(plan.home(), new WorkflowWrite(null, record), List.of()).isWritten();
        if (isNew) {
            storeAll(id, plan);
            goOn(id, plan, record.revision());
        } else {
            finish(id, plan.home());
        }
        return isNew;
    }

    /** Another has begun with it, perhaps this process before it crashed. What is stored decides, and not this call. */
    private void finish(String id, String home) {
        StoredWorkflow found = Answers.of(broker.workflows().find(home, id, false), "about workflow " + id)
                .orElse(null);
        if (found == null || found.hasEnded()) {
            return;
        }
        WorkflowRecord record = WorkflowRecord.decode(found.content());
        Plan plan = PlanCodec.decodePlan(jobs.openPlan(record.plan(), id, home));
        if (record.state() == WorkflowRecord.State.STARTING) {
            storeAll(id, plan);
            goOn(id, plan, found.revision());
        } else if (record.state() == WorkflowRecord.State.RUNNING) {
            startFirst(id, plan);
        }
    }

    private void storeAll(String id, Plan plan) {
        List<WorkflowJob> all = waiting(id, plan);
        List<String> queues = new ArrayList<>();
        plan.waiting().forEach(step -> queues.add(step.queue()));
        for (PlanStep step : plan.first()) {
            all.add(jobs.waiting(plan.of(id), step, 1, clock.millis()));
            queues.add(step.queue());
        }
        Map<String, List<WorkflowJob>> batches = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            List<WorkflowJob> batch = batches.computeIfAbsent(queues.get(i), queue -> new ArrayList<>());
            long cost = batch.stream().mapToLong(job -> broker.cost(job.job())).sum();
            if (batch.size() == WorkflowStore.MAX_JOBS
                    || (!batch.isEmpty() && cost + broker.cost(all.get(i).job()) > Broker.MAX_COST)) {
                store(queues.get(i), null, List.copyOf(batch));
                batch.clear();
            }
            batch.add(all.get(i));
        }
        batches.forEach((queue, batch) -> store(queue, null, batch));
    }

    /** Every job is stored: from now on they may run. */
    private void goOn(String id, Plan plan, String revision) {
        StoredWorkflow record = record(id, plan, WorkflowRecord.State.RUNNING);
        if (store(plan.home(), new WorkflowWrite(revision, record), List.of()).isWritten()) {
            startFirst(id, plan);
        } else {
            finish(id, plan.home());
        }
    }

    private void startFirst(String id, Plan plan) {
        Map<String, List<Fill>> fills = new LinkedHashMap<>();
        for (PlanStep step : plan.first()) {
            List<Fill> batch = fills.computeIfAbsent(step.queue(), queue -> new ArrayList<>());
            batch.add(new Fill(step.queue(), plan.of(id).jobId(step.number()), 0, GO));
            if (batch.size() == Broker.MAX_BATCH) {
                fill(step.queue(), List.copyOf(batch));
                batch.clear();
            }
        }
        fills.forEach(this::fill);
    }

    private void fill(String queue, List<Fill> fills) {
        if (!fills.isEmpty()) {
            Answers.of(
                    observers.ask(
                            "fill",
                            queue,
                            fills.size(),
                            () -> broker.workflows().fill(queue, fills)),
                    "to start steps of a workflow");
        }
    }

    private List<WorkflowJob> waiting(String id, Plan plan) {
        List<WorkflowJob> waiting = new ArrayList<>();
        plan.waiting().forEach(step -> waiting.add(jobs.waiting(plan.of(id), step, placesOf(step), clock.millis())));
        return waiting;
    }

    /** How many elements a map has is known when it has run. */
    private static int placesOf(PlanStep step) {
        return step.kind() == StepKind.MAPPED ? WorkflowJob.UNKNOWN : step.places();
    }

    private StoredWorkflow record(String id, Plan plan, WorkflowRecord.State state) {
        byte[] sealed = jobs.sealPlan(PlanCodec.encode(plan), id, plan.home());
        WorkflowRecord record = new WorkflowRecord(state, plan.onFailure(), null, sealed);
        return new StoredWorkflow(id, revisions.next(), record.encode(), StoredWorkflow.UNTIL_WRITTEN);
    }

    private StoreReply store(String queue, @Nullable WorkflowWrite write, List<WorkflowJob> batch) {
        StoreReply reply = Answers.of(
                observers.ask(
                        "store", queue, batch.size(), () -> broker.workflows().store(queue, write, batch)),
                "to store a workflow");
        for (int i = 0; i < batch.size(); i++) {
            WorkflowJob job = batch.get(i);
            Enqueued what = reply.jobs().get(i).enqueued();
            if (what == Enqueued.NEW) {
                observers.publish(new QueueEvent.Enqueued(JobRef.of(
                        queue, job.job().id(), JobCodec.taskOf(job.job().body()))));
            } else if (what == Enqueued.SUPERSEDED && write == null) {
                throw new BrokerException(
                        BrokerException.Outcome.REFUSED,
                        "workflow " + job.member().workflow() + " was cancelled while it was started",
                        null);
            }
        }
        return reply;
    }
}
