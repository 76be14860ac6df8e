package io.tidemill.flow;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepValue;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Enqueued;
import io.tidemill.record.JobCodec;
import io.tidemill.task.BrokerException;
import io.tidemill.text.JobIds;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stores a workflow: its record, and the jobs of its first steps and of those that wait.
 *
 * <p>If all of it is in one queue and fits one request, it is one step. If not, the record comes first and says that
 * the workflow starts. Then come the jobs, all of them waiting, then the record says that it runs, and then the first
 * steps get what they wait for. None of the workflow's code runs before the record says that it runs.
 *
 * <p>A start that was broken off is finished: by the same start, or by a job that is stored with the record. Whoever
 * finishes it does not know whether the first one is still alive. So it waits a short time for that one, and then takes
 * the start over: it writes the record with new ids for all jobs. Jobs of the first one then belong to no workflow, and
 * both cancel them. Of many who start one workflow at the same time each waits longer the more often it has seen that
 * another has taken it over, so the start is not taken over again and again.
 *
 * <p>Thread-safe. Waits for the broker.
 */
public final class WorkflowStarter {

    /** After this time a start counts as broken off. */
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** Enough that no two starts with one id have the same. */
    private static final int DIGITS = 8;

    /** Most values in one request, one less than a request may have. */
    private static final int AT_ONCE = Broker.MAX_BATCH - 1;

    /** How often a workflow may be forgotten between two requests. */
    private static final int TRIES = 5;

    /** How long one who finds a start looks whether it goes on, before the next look. */
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** How many looks at first. Twice as many whenever another has taken the start over. */
    private static final int FEWEST_LOOKS = 15;

    /** More than one who starts a workflow of most steps needs. */
    private static final int MOST_LOOKS = 3_000;

    private final Broker broker;
    private final StepJobs jobs;
    private final Observers observers;
    private final JobIds revisions;
    private final Clock clock;

    /** Starts workflows at this broker. */
    public WorkflowStarter(Broker broker, StepJobs jobs, Observers observers, JobIds revisions, Clock clock) {
        this.broker = broker;
        this.jobs = jobs;
        this.observers = observers;
        this.revisions = revisions;
        this.clock = clock;
    }

    /** How the ids of the jobs of a workflow begin: with other characters at each start. */
    public static String newJobs(String id) {
        return id + ":" + JobIds.randomDigits(DIGITS);
    }

    /** Starts it. Returns whether it was not there before. */
    public boolean start(String id, Plan plan) {
        List<WorkflowJob> all = new ArrayList<>();
        plan.first().forEach(step -> all.add(jobs.ready(plan.of(id), step, null, clock.millis())));
        all.addAll(waiting(id, plan));
        for (WorkflowJob job : all) {
            broker.check(plan.home(), job.job());
        }
        boolean isOneRequest = fitsOneRequest(plan, all);
        if (isEmpty(plan)) {
            return startEmpty(id, plan);
        }
        for (int i = 0; i < TRIES; i++) {
            if (isOneRequest ? startAtOnce(id, plan, all) : startInParts(id, plan)) {
                return true;
            }
            if (finish(id, plan.home(), "")) {
                return false;
            }
        }
        throw new IllegalStateException("workflow " + id + " was started and forgotten by others again and again");
    }

    /** A group of no calls. No worker may serve the queue of its only step, as nothing says which queue that is. */
    private static boolean isEmpty(Plan plan) {
        return plan.waiting().isEmpty()
                && plan.first().size() == 1
                && plan.first().get(0).kind() == StepKind.COLLECT;
    }

    /** It has ended when it is stored. If the process dies in between, the same start ends it. */
    private boolean startEmpty(String id, Plan plan) {
        boolean isNew = startAtOnce(id, plan, List.of());
        // Another workflow may have the id.
        Plan stored = isNew ? plan : storedPlan(id, plan.home());
        if (stored != null && isEmpty(stored)) {
            WorkflowEnd end = jobs.end(
                    stored.of(id),
                    new StepValue.Items(List.of()),
                    stored.first().get(0).endKeepMillis());
            Answers.of(broker.workflows().end(plan.home(), id, end), "to end a workflow");
        }
        return isNew;
    }

    private @Nullable Plan storedPlan(String id, String home) {
        StoredWorkflow found = find(id, home);
        return found == null
                ? null
                : PlanCodec.decodePlan(
                        jobs.openPlan(WorkflowRecord.decode(found.content()).plan(), id, home));
    }

    private boolean fitsOneRequest(Plan plan, List<WorkflowJob> all) {
        return all.size() <= WorkflowStore.MAX_JOBS
                && all.stream().mapToLong(job -> broker.cost(job.job())).sum() <= Broker.MAX_COST
                && plan.first().stream().allMatch(step -> step.queue().equals(plan.home()))
                && plan.waiting().stream().allMatch(step -> step.queue().equals(plan.home()));
    }

    private boolean startAtOnce(String id, Plan plan, List<WorkflowJob> all) {
        StoredWorkflow record = record(id, plan, WorkflowRecord.State.RUNNING);
        return store(plan.home(), new WorkflowWrite(null, record), all).isWritten();
    }

    private boolean startInParts(String id, Plan plan) {
        StoredWorkflow record = record(id, plan, WorkflowRecord.State.STARTING);
        boolean isNew = begin(id, plan, null, record);
        if (isNew) {
            goOn(id, plan, record.revision());
        }
        return isNew;
    }

    /** The record, and with it the job that finishes the start if this process does not. */
    private boolean begin(String id, Plan plan, @Nullable String expected, StoredWorkflow record) {
        WorkflowJob finishing = jobs.start(plan.of(id), LONGEST.toMillis(), clock.millis());
        return store(plan.home(), new WorkflowWrite(expected, record), List.of(finishing))
                .isWritten();
    }

    /**
     * Finishes the start of a workflow that another has begun, perhaps this process before it crashed. What is stored
     * decides.
     *
     * @param caller the id of the job that does this; empty for none
     * @return whether there is such a workflow
     */
    public boolean finish(String id, String home, String caller) {
        int most = caller.isEmpty() ? FEWEST_LOOKS : 0;
        int looks = 0;
        String seen = "";
        while (true) {
            StoredWorkflow found = find(id, home);
            if (found == null) {
                return false;
            }
            WorkflowRecord record = WorkflowRecord.decode(found.content());
            if (found.hasEnded() || record.isOver()) {
                return true;
            }
            Plan plan = PlanCodec.decodePlan(jobs.openPlan(record.plan(), id, home));
            if (record.state() == WorkflowRecord.State.RUNNING) {
                startFirst(id, plan);
                return true;
            }
            if (!found.revision().equals(seen)) {
                most = seen.isEmpty() ? most : Math.min(MOST_LOOKS, Math.max(FEWEST_LOOKS, 2 * most));
                // Not all at the same time.
                looks = most + ThreadLocalRandom.current().nextInt(most + 1);
                seen = found.revision();
            }
            if (looks > 0) {
                looks--;
                LockSupport.parkNanos(PAUSE.toNanos());
            } else if (takeOver(id, plan, found.revision(), caller)) {
                return true;
            }
        }
    }

    private boolean takeOver(String id, Plan plan, String revision, String caller) {
        Plan own = plan.withJobs(newJobs(id));
        StoredWorkflow record = record(id, own, WorkflowRecord.State.STARTING);
        if (!begin(id, own, revision, record)) {
            return false;
        }
        cancelAll(plan.of(id), plan, caller);
        goOn(id, own, record.revision());
        return true;
    }

    /** These jobs belong to no workflow any more. None of them has run. */
    private void cancelAll(WorkflowRef workflow, Plan plan, String caller) {
        List<PlanStep> all = new ArrayList<>(plan.first());
        all.addAll(plan.waiting());
        PlanStep start = StepJobs.startStep(workflow);
        if (!workflow.jobId(start.number()).equals(caller)) {
            all.add(start);
        }
        for (int from = 0; from < all.size(); from += WorkflowStore.MAX_JOBS) {
            List<CompletableFuture<CancelReply>> answers =
                    all.subList(from, Math.min(all.size(), from + WorkflowStore.MAX_JOBS)).stream()
                            .map(step -> broker.cancellation().cancel(step.queue(), workflow.jobId(step.number())))
                            .toList();
            answers.forEach(answer -> Answers.of(answer, "to start a workflow"));
        }
    }

    /**
     * Stores the steps of a plan that was added to a workflow, so that they wait. May be done again.
     *
     * @param mayGoOn asked before each request; if it says no, the rest is not stored
     * @return what lets them begin
     */
    public List<Fill> storeAdded(String id, Plan plan, BooleanSupplier mayGoOn) {
        Map<String, List<WorkflowJob>> byQueue = new LinkedHashMap<>();
        for (PlanStep step : plan.first()) {
            byQueue.computeIfAbsent(step.queue(), queue -> new ArrayList<>())
                    .add(jobs.waiting(plan.of(id), step, 1, clock.millis()));
        }
        for (PlanStep step : plan.waiting()) {
            byQueue.computeIfAbsent(step.queue(), queue -> new ArrayList<>())
                    .add(jobs.waiting(plan.of(id), step, placesOf(step), clock.millis()));
        }
        byQueue.forEach((queue, some) -> Batches.of(broker, some).forEach(batch -> {
            if (mayGoOn.getAsBoolean()) {
                store(queue, null, batch);
            }
        }));
        return plan.first().stream()
                .map(step -> jobs.go(plan.of(id), step, clock.millis()))
                .toList();
    }

    /** Signals come last: a value that comes at once, or a short time, finds all jobs that it is for. */
    private void storeAll(String id, Plan plan) {
        List<WorkflowJob> all = new ArrayList<>();
        List<String> queues = new ArrayList<>();
        for (PlanStep step : plan.first()) {
            all.add(jobs.waiting(plan.of(id), step, 1, clock.millis()));
            queues.add(step.queue());
        }
        List<PlanStep> waiting = new ArrayList<>(plan.waiting());
        waiting.sort(Comparator.comparing(step -> step.kind() == StepKind.SIGNAL));
        int signals = 0;
        for (PlanStep step : waiting) {
            all.add(jobs.waiting(plan.of(id), step, placesOf(step), clock.millis()));
            queues.add(step.queue());
            signals += step.kind() == StepKind.SIGNAL ? 1 : 0;
        }
        int others = all.size() - signals;
        store(queues.subList(0, others), all.subList(0, others));
        store(queues.subList(others, all.size()), all.subList(others, all.size()));
    }

    private void store(List<String> queues, List<WorkflowJob> all) {
        Map<String, List<WorkflowJob>> byQueue = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            byQueue.computeIfAbsent(queues.get(i), queue -> new ArrayList<>()).add(all.get(i));
        }
        byQueue.forEach((queue, some) -> Batches.of(broker, some).forEach(batch -> store(queue, null, batch)));
    }

    /** From now on the jobs may run. If another has taken the start over, these never will. */
    private void goOn(String id, Plan plan, String revision) {
        storeAll(id, plan);
        StoredWorkflow record = record(id, plan, WorkflowRecord.State.RUNNING);
        if (store(plan.home(), new WorkflowWrite(revision, record), List.of()).isWritten()) {
            startFirst(id, plan);
        } else {
            cancelAll(plan.of(id), plan, "");
            finish(id, plan.home(), "");
        }
    }

    private void startFirst(String id, Plan plan) {
        WorkflowRef workflow = plan.of(id);
        Map<String, List<Fill>> fills = new LinkedHashMap<>();
        for (PlanStep step : plan.first()) {
            List<Fill> batch = fills.computeIfAbsent(step.queue(), queue -> new ArrayList<>());
            batch.add(jobs.go(workflow, step, clock.millis()));
            if (batch.size() == AT_ONCE) {
                fill(step.queue(), List.copyOf(batch));
                batch.clear();
            }
        }
        // The job that would have finished the start has nothing to do, and goes now.
        fills.computeIfAbsent(plan.home(), queue -> new ArrayList<>())
                .add(jobs.go(workflow, StepJobs.startStep(workflow), clock.millis()));
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

    private @Nullable StoredWorkflow find(String id, String home) {
        return Answers.of(broker.workflows().find(home, id, false), "about workflow " + id)
                .orElse(null);
    }

    private StoredWorkflow record(String id, Plan plan, WorkflowRecord.State state) {
        byte[] sealed = jobs.sealPlan(PlanCodec.encode(plan), id, plan.home());
        WorkflowRecord record = new WorkflowRecord(
                state, plan.onFailure(), plan.jobs(), !plan.ends().callbacks().isEmpty(), null, null, sealed);
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
            } else if (what == Enqueued.SUPERSEDED && reply.isWritten()) {
                throw new BrokerException(
                        BrokerException.Outcome.REFUSED,
                        "workflow " + job.member().workflow()
                                + " was cancelled while it was started, or one with its id was cancelled before",
                        null);
            }
        }
        return reply;
    }
}
