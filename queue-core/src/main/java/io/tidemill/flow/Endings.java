package io.tidemill.flow;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.Followers;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.plan.FailurePolicy;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanEnds;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepValue;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.text.JobIds;
import io.tidemill.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does for the jobs that end a workflow: enqueues callbacks, and begins to compensate.
 *
 * <p>Jobs that are made here are stored so that they wait, and the completion of the job that ends the workflow lets
 * them begin. So if that job is run again, nothing is stored or begun twice.
 *
 * <p>Thread-safe. Waits for the broker.
 */
public final class Endings {

    /** How often the record is read again that another has written meanwhile. */
    private static final int TRIES = 5;

    /** Most requests at once. */
    private static final int AT_ONCE = 200;

    private final Broker broker;
    private final StepJobs jobs;
    private final Clock clock;
    private final JobIds revisions;

    /** For workflows of this broker. */
    public Endings(Broker broker, StepJobs jobs, Clock clock) {
        this.broker = broker;
        this.jobs = jobs;
        this.clock = clock;
        this.revisions = new JobIds(clock::millis);
    }

    /** Whether no step of its workflow is to be run any more. */
    public boolean isOver(StepRun step) {
        return find(step.workflow())
                .map(stored -> WorkflowRecord.decode(stored.content()).isOver())
                .orElse(false);
    }

    /**
     * What follows on a job that ends its workflow.
     *
     * @param values the values of its places
     */
    public Followers followers(StepRun step, List<StepValue> values) {
        StoredWorkflow stored = find(step.workflow()).orElse(null);
        if (stored == null) {
            return Followers.NONE;
        }
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        Plan plan = PlanCodec.decodePlan(jobs.openPlan(
                record.plan(), step.workflow().id(), step.workflow().home()));
        if (step.step().kind() == StepKind.FAILED) {
            return failed(step.workflow(), plan);
        }
        WorkflowRecord.Failed failed = record.failed();
        boolean hasFailed = record.onFailure() == FailurePolicy.COMPENSATE
                && failed != null
                && failed.step() != step.step().number();
        return hasFailed ? compensate(step.workflow(), plan, values) : succeeded(step, plan, values.get(0));
    }

    /**
     * Makes steps ready that wait for a time, so that they find out that they are not to be run.
     *
     * @return whether there is nothing left to do: the workflow has run out
     */
    public boolean wake(StepRun step) {
        WorkflowRef workflow = step.workflow();
        StoredWorkflow stored = find(workflow).orElse(null);
        WorkflowRecord record = stored == null ? null : WorkflowRecord.decode(stored.content());
        if (record == null || record.state() != WorkflowRecord.State.COMPENSATING || record.undo() != null) {
            return true;
        }
        Plan plan = PlanCodec.decodePlan(jobs.openPlan(record.plan(), workflow.id(), workflow.home()));
        wake(workflow, plan.steps());
        if (record.hasAdded()) {
            answer(new AddedSteps(broker, jobs).all(workflow, plan.steps())).stream()
                    .flatMap(added -> added.plans().stream())
                    .forEach(added -> wake(added.of(workflow.id()), added.steps()));
        }
        return false;
    }

    private void wake(WorkflowRef workflow, List<PlanStep> steps) {
        for (int from = 0; from < steps.size(); from += AT_ONCE) {
            List<CompletableFuture<RescheduleReply>> replies =
                    steps.subList(from, Math.min(steps.size(), from + AT_ONCE)).stream()
                            .map(each -> broker.operations()
                                    .reschedule(each.queue(), Reschedule.after(workflow.jobId(each.number()), 0)))
                            .toList();
            replies.forEach(Endings::answer);
        }
    }

    private Followers succeeded(StepRun step, Plan plan, StepValue result) {
        List<Fill> begin = hold(step.workflow(), plan.ends().callbacks(PlanEnds.End.SUCCESS));
        Followers end = step.followers(result, clock.millis());
        return new Followers(end.jobs(), begin, end.end());
    }

    private Followers failed(WorkflowRef workflow, Plan plan) {
        write(workflow, WorkflowRecord.KEPT_MILLIS, record -> {
            WorkflowRecord.Undo undo = record.undo();
            return undo == null || undo.isDone()
                    ? null
                    : record.with(WorkflowRecord.State.FAILED, record.failed())
                            .with(new WorkflowRecord.Undo(undo.steps(), true, null));
        });
        return new Followers(List.of(), hold(workflow, plan.ends().callbacks(PlanEnds.End.FAILURE)));
    }

    /** Stores these so that they wait. Gives what lets them begin. */
    private List<Fill> hold(WorkflowRef workflow, List<PlanStep> calls) {
        Map<String, List<WorkflowJob>> held = new LinkedHashMap<>();
        calls.forEach(call -> add(held, call.queue(), jobs.held(workflow, call, null, clock.millis())));
        store(held);
        return calls.stream()
                .map(call -> jobs.go(workflow, call, clock.millis()))
                .toList();
    }

    /** Each compensation lets the next one begin, and the last one the job that says that the workflow has failed. */
    private Followers compensate(WorkflowRef workflow, Plan plan, List<StepValue> values) {
        List<PlanEnds.Compensation> order = CompensationOrder.of(plan, values);
        Map<String, List<WorkflowJob>> held = new LinkedHashMap<>();
        add(held, workflow.home(), jobs.failed(workflow, 1, clock.millis()));
        PlanStep next = StepJobs.failedStep(workflow);
        for (int i = order.size() - 1; i >= 0; i--) {
            PlanStep call = order.get(i).call().before(next);
            StepValue.Timed given = (StepValue.Timed) values.get(order.get(i).place());
            add(
                    held,
                    call.queue(),
                    jobs.held(workflow, call, call.places() == 0 ? null : given.value(), clock.millis()));
            next = call;
        }
        store(held);
        List<Integer> steps = order.stream().map(PlanEnds.Compensation::step).toList();
        write(
                workflow,
                StoredWorkflow.UNTIL_WRITTEN,
                record -> record.undo() != null && record.undo().isDone()
                        ? null
                        : record.with(WorkflowRecord.State.COMPENSATING, record.failed())
                                .with(new WorkflowRecord.Undo(steps, false, null)));
        return new Followers(List.of(), List.of(jobs.go(workflow, next, clock.millis())));
    }

    private static void add(Map<String, List<WorkflowJob>> held, String queue, WorkflowJob job) {
        held.computeIfAbsent(queue, name -> new ArrayList<>()).add(job);
    }

    private void store(Map<String, List<WorkflowJob>> held) {
        held.forEach((queue, all) -> Batches.of(broker, all)
                .forEach(batch -> answer(broker.workflows().store(queue, null, batch))));
    }

    /** Writes what the function makes of the record, unless that is null, or the workflow has ended otherwise. */
    private void write(WorkflowRef workflow, long keepMillis, UnaryOperator<@Nullable WorkflowRecord> change) {
        for (int i = 0; i < TRIES; i++) {
            StoredWorkflow stored = find(workflow).orElse(null);
            if (stored == null || stored.end() != null) {
                return;
            }
            WorkflowRecord record = WorkflowRecord.decode(stored.content());
            WorkflowRecord changed = record.state() == WorkflowRecord.State.CANCELLED ? null : change.apply(record);
            if (changed == null) {
                return;
            }
            StoredWorkflow after = new StoredWorkflow(workflow.id(), revisions.next(), changed.encode(), keepMillis);
            if (answer(broker.workflows()
                            .store(workflow.home(), new WorkflowWrite(stored.revision(), after), List.of()))
                    .isWritten()) {
                return;
            }
        }
        throw new IllegalStateException(
                "the record of workflow " + workflow.id() + " was written by others again and again");
    }

    private Optional<StoredWorkflow> find(WorkflowRef workflow) {
        return answer(broker.workflows().find(workflow.home(), workflow.id(), false));
    }

    private static <V> V answer(CompletableFuture<V> future) {
        return Answers.of(future, "to end a workflow");
    }
}
