package io.tidemill.flow;

import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.StepEnd;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepValue;
import io.tidemill.plan.Target;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.task.JobState;
import io.tidemill.text.JobIds;
import io.tidemill.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Decides what becomes of a workflow when one of its steps has ended without success: by its policy it has failed,
 * which is written into its record, or it goes on without the step.
 *
 * <p>A step that was redriven before anybody looked is left alone, and so is a workflow that has ended. The record is
 * written by revision, so of several who do this one does it.
 *
 * <p>Thread-safe. Never blocks.
 */
public final class StepFailures {

    /** How often the record is read again that another has written meanwhile. */
    private static final int TRIES = 5;

    /** Most requests at once. */
    private static final int AT_ONCE = 200;

    private final Broker broker;
    private final StepJobs jobs;
    private final AddedSteps added;
    private final Clock clock;
    private final JobIds revisions;

    /** For steps at this broker. */
    public StepFailures(Broker broker, StepJobs jobs, Clock clock) {
        this.broker = broker;
        this.added = new AddedSteps(broker, jobs);
        this.jobs = jobs;
        this.clock = clock;
        this.revisions = new JobIds(clock::millis);
    }

    /** A step of this queue has ended without success. The answer says that what follows is done. */
    CompletableFuture<Void> ended(String queue, OutboxMessage.Ended message) {
        return ended(queue, message, TRIES);
    }

    /**
     * The record is read before the job. Whoever lets a failed workflow go on redrives its jobs before he writes the
     * record, so a job that is still dead here was dead when the record was read, or the write is refused.
     */
    private CompletableFuture<Void> ended(String queue, OutboxMessage.Ended message, int tries) {
        String home = message.member().home();
        return Safely.ask(() -> broker.workflows().find(home, message.member().workflow(), false))
                .thenCompose(stored -> stored.isPresent() && isUnderWay(stored.get(), message)
                        ? ended(queue, message, stored.get(), tries)
                        : done());
    }

    /** Not if it is about a job of an earlier start, or one that is no step. */
    private static boolean isUnderWay(StoredWorkflow stored, OutboxMessage.Ended message) {
        if (stored.end() != null || Plan.isCallback(message.member().step())) {
            return false;
        }
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        return record.state() != WorkflowRecord.State.CANCELLED && record.has(message.job());
    }

    private CompletableFuture<Void> ended(String queue, OutboxMessage.Ended message, StoredWorkflow stored, int tries) {
        return message.end() == StepEnd.DEAD
                ? Safely.ask(() -> broker.lookUp().find(queue, message.job(), false))
                        .thenCompose(found -> isStillDead(found) ? decide(queue, message, stored, tries) : done())
                : decide(queue, message, stored, tries);
    }

    /** One that is not there was taken out after it had died. */
    private static boolean isStillDead(Optional<JobSnapshot> found) {
        return found.map(job -> job.state() == JobState.DEAD).orElse(true);
    }

    private CompletableFuture<Void> decide(
            String queue, OutboxMessage.Ended message, StoredWorkflow stored, int tries) {
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        Failure failure = new Failure(queue, message, stored, record, tries);
        return switch (record.onFailure()) {
            case FAIL -> message.member().step() == Plan.FAILED ? done() : fail(failure);
            case CONTINUE -> goOnWithout(message, record);
            case COMPENSATE -> compensate(failure);
        };
    }

    /** A step that has ended without success, and the record of its workflow. */
    private record Failure(
            String queue, OutboxMessage.Ended message, StoredWorkflow stored, WorkflowRecord record, int tries) {

        WorkflowRecord.Failed step() {
            return new WorkflowRecord.Failed(
                    message.member().step(), queue, message.job(), message.end().name());
        }
    }

    /** Also if it has failed before: whoever lets it go on now reads again, and does not miss this step. */
    private CompletableFuture<Void> fail(Failure failure) {
        WorkflowRecord record = failure.record();
        WorkflowRecord.Failed before = record.failed();
        if (record.state() == WorkflowRecord.State.FAILED && before != null && !before.canRunAgain()) {
            // It cannot go on, whatever else is dead.
            return before.job().equals(failure.message().job()) ? endWaiting(failure) : done();
        }
        boolean mayGoOn = failure.step().canRunAgain();
        boolean isFirst = record.state() != WorkflowRecord.State.FAILED;
        List<WorkflowJob> callbacks = isFirst && record.hasCallbacks() ? List.of(callbacks(failure)) : List.of();
        return write(
                failure,
                record.with(WorkflowRecord.State.FAILED, failure.step()),
                mayGoOn ? WorkflowRecord.KEPT_WHILE_DEAD_MILLIS : WorkflowRecord.KEPT_MILLIS,
                callbacks,
                () -> mayGoOn ? done() : endWaiting(failure));
    }

    /** A step that cannot be run again is waited for in vain. What waits is cancelled, as nothing else would end it. */
    private CompletableFuture<Void> endWaiting(Failure failure) {
        Plan plan = plan(failure);
        WorkflowRef workflow = plan.of(failure.stored().id());
        CompletableFuture<Void> ended = endWaiting(workflow, plan);
        return failure.record().hasAdded()
                ? ended.thenCompose(nothing -> added.all(workflow, plan.steps()))
                        .thenCompose(this::endWaiting)
                : ended;
    }

    private CompletableFuture<Void> endWaiting(WorkflowRef workflow, Plan plan) {
        return each(plan.waiting(), step -> endWaiting(step.queue(), workflow.jobId(step.number())));
    }

    /** Those that were added later first: the jobs that wait for them are what finds them. */
    private CompletableFuture<Void> endWaiting(List<AddedSteps.Added> found) {
        CompletableFuture<Void> ended = done();
        for (int i = found.size() - 1; i >= 0; i--) {
            AddedSteps.Added each = found.get(i);
            for (Plan plan : each.plans()) {
                ended = ended.thenCompose(
                        nothing -> endWaiting(plan.of(each.workflow().id()), plan));
            }
            ended = ended.thenCompose(nothing -> endWaiting(each.adder().queue(), each.job()));
        }
        return ended;
    }

    private CompletableFuture<Void> endWaiting(String queue, String job) {
        return Safely.ask(() -> broker.lookUp().find(queue, job, false))
                .thenCompose(found ->
                        found.filter(each -> each.state() == JobState.WAITING).isPresent()
                                ? broker.cancellation().cancel(queue, job).thenAccept(reply -> {})
                                : done());
    }

    /** Some at once. */
    private static CompletableFuture<Void> each(List<PlanStep> steps, Function<PlanStep, CompletableFuture<?>> action) {
        List<PlanStep> some = steps.subList(0, Math.min(AT_ONCE, steps.size()));
        CompletableFuture<Void> asked =
                CompletableFuture.allOf(some.stream().map(action).toArray(CompletableFuture[]::new));
        return some.size() == steps.size()
                ? asked
                : asked.thenCompose(nothing -> each(steps.subList(some.size(), steps.size()), action));
    }

    private Plan plan(Failure failure) {
        return PlanCodec.decodePlan(jobs.openPlan(
                failure.record().plan(),
                failure.stored().id(),
                failure.message().member().home()));
    }

    /** The job that enqueues them: stored in the same step as the failure is written, so none is forgotten. */
    private WorkflowJob callbacks(Failure failure) {
        return jobs.failed(plan(failure).of(failure.stored().id()), WorkflowJob.NONE, clock.millis());
    }

    /** Then does what follows, if it is written; or begins anew, if another has written it meanwhile. */
    private CompletableFuture<Void> write(
            Failure failure,
            WorkflowRecord changed,
            long keepMillis,
            List<WorkflowJob> stored,
            Supplier<CompletableFuture<Void>> then) {
        StoredWorkflow before = failure.stored();
        WorkflowWrite write = new WorkflowWrite(
                before.revision(), new StoredWorkflow(before.id(), revisions.next(), changed.encode(), keepMillis));
        String home = failure.message().member().home();
        return Safely.ask(() -> broker.workflows().store(home, write, stored)).thenCompose(reply -> {
            if (reply.isWritten()) {
                return then.get();
            }
            if (failure.tries() == 1) {
                throw new IllegalStateException(
                        "the record of workflow " + before.id() + " was written by others again and again");
            }
            return ended(failure.queue(), failure.message(), failure.tries() - 1);
        });
    }

    /**
     * No further step is begun, and those that cannot run any more count as steps that were not run. A job wakes those
     * that wait for a time. So the last step gets all that it waits for, and does the rest.
     */
    private CompletableFuture<Void> compensate(Failure failure) {
        WorkflowRecord record = failure.record();
        Plan plan = plan(failure);
        int number = failure.message().member().step();
        boolean isStep = number < Plan.MAX_STEPS;
        if (number == Plan.WAKE) {
            return done();
        }
        if (!isStep
                || plan.step(number)
                        .filter(each -> each.kind() == StepKind.CLOSE)
                        .isPresent()) {
            return notCompensated(failure, isStep);
        }
        return switch (record.state()) {
            case STARTING, RUNNING ->
                write(
                        failure,
                        record.with(WorkflowRecord.State.COMPENSATING, failure.step()),
                        StoredWorkflow.UNTIL_WRITTEN,
                        List.of(jobs.wake(plan.of(failure.stored().id()), clock.millis())),
                        () -> goOnWithout(failure.message(), record));
            case COMPENSATING -> goOnWithout(failure.message(), record);
            case FAILED, CANCELLED -> done();
        };
    }

    /** What was to compensate has ended without success: that is visible, and goes on when it is redriven. */
    private CompletableFuture<Void> notCompensated(Failure failure, boolean isStep) {
        WorkflowRecord record = failure.record();
        WorkflowRecord.Undo undo = record.undo();
        if (undo != null && undo.isDone()) {
            return done();
        }
        boolean isOnlyFailure = isStep && record.failed() == null;
        WorkflowRecord changed = isOnlyFailure
                ? record.with(WorkflowRecord.State.FAILED, failure.step())
                : record.with(WorkflowRecord.State.FAILED, record.failed() == null ? failure.step() : record.failed())
                        .with(new WorkflowRecord.Undo(undo == null ? List.of() : undo.steps(), false, failure.step()));
        return write(failure, changed, WorkflowRecord.KEPT_MILLIS, List.of(), StepFailures::done);
    }

    /** The places that it would have filled say that it was not run. All of it may be done again. */
    private CompletableFuture<Void> goOnWithout(OutboxMessage.Ended message, WorkflowRecord record) {
        String id = message.member().workflow();
        String home = message.member().home();
        Plan plan = PlanCodec.decodePlan(jobs.openPlan(record.plan(), id, home));
        return added.find(plan.of(id), plan, message.job())
                .thenCompose(
                        found -> found.map(place -> goOnWithout(message, place)).orElseGet(StepFailures::done));
    }

    private CompletableFuture<Void> goOnWithout(OutboxMessage.Ended message, AddedSteps.Place place) {
        String id = message.member().workflow();
        String home = message.member().home();
        WorkflowRef workflow = place.workflow();
        PlanStep step = place.step();
        if (place.unstored() > 0) {
            return fill(unstored(workflow, step, place.unstored()));
        }
        if (step.kind() == StepKind.MAP && !message.job().equals(workflow.jobId(step.number()))) {
            return fill(List.of(element(workflow, step, message.job())));
        }
        List<PlanStep> last = new ArrayList<>();
        step.forEach(each -> {
            if (each.isLast()) {
                last.add(each);
            }
        });
        CompletableFuture<Void> filled = fill(jobs.notRun(workflow, step));
        return last.isEmpty()
                ? filled
                : filled.thenCompose(nothing -> broker.workflows()
                        .end(
                                home,
                                id,
                                jobs.end(
                                        workflow,
                                        StepValue.Empty.SKIPPED,
                                        last.get(0).endKeepMillis())));
    }

    /** What a step has added is not stored, so none of it is run. */
    private List<Fill> unstored(WorkflowRef workflow, PlanStep adder, int plans) {
        return IntStream.range(0, plans)
                .mapToObj(i -> jobs.fill(
                        workflow.added(adder.number(), i),
                        new Target(adder.queue(), Plan.ADDED, i),
                        StepValue.Empty.SKIPPED,
                        StepKind.ADD.task()))
                .toList();
    }

    /** The place of one element of a map. */
    private Fill element(WorkflowRef workflow, PlanStep map, String job) {
        int index = Integer.parseInt(
                job.substring(workflow.elementId(map.number(), 0).length() - 1));
        Target list = map.fills().get(0);
        return jobs.fill(
                workflow,
                new Target(list.queue(), list.step(), index + 1),
                StepValue.Empty.SKIPPED,
                map.kind().task());
    }

    private CompletableFuture<Void> fill(List<Fill> fills) {
        return CompletableFuture.allOf(fills.stream().collect(Collectors.groupingBy(Fill::queue)).entrySet().stream()
                .flatMap(each -> slices(each.getValue())
                        .map(slice -> Safely.ask(() -> broker.workflows().fill(each.getKey(), slice))))
                .toArray(CompletableFuture[]::new));
    }

    private static Stream<List<Fill>> slices(List<Fill> fills) {
        return IntStream.iterate(0, from -> from < fills.size(), from -> from + Broker.MAX_BATCH)
                .mapToObj(from -> fills.subList(from, Math.min(fills.size(), from + Broker.MAX_BATCH)));
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
