package io.tidemill.flow;

import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Fill;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.OutboxMessage;
import io.tidemill.broker.StepEnd;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowWrite;
import io.tidemill.plan.FailurePolicy;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Decides what becomes of a workflow when one of its steps has ended without success: by its policy it has failed, which
 * is written into its record, or it goes on without the step.
 *
 * <p>A step that was redriven before anybody looked is left alone, and so is a workflow that has ended. The record is
 * written by revision, so of several who do this one does it.
 *
 * <p>Thread-safe. Never blocks.
 */
public final class StepFailures {

    /** How long a workflow that has failed is kept: as long as its dead steps are by default. */
    private static final long KEPT_MILLIS = Duration.ofDays(30).toMillis();

    /** How often the record is read again that another has written meanwhile. */
    private static final int TRIES = 5;

    private final Broker broker;
    private final StepJobs jobs;
    private final JobIds revisions;

    /** For steps at this broker. */
    public StepFailures(Broker broker, StepJobs jobs, Clock clock) {
        this.broker = broker;
        this.jobs = jobs;
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
                .thenCompose(stored -> stored.isPresent() && isUnderWay(stored.get())
                        ? ended(queue, message, stored.get(), tries)
                        : done());
    }

    private static boolean isUnderWay(StoredWorkflow stored) {
        return stored.end() == null
                && WorkflowRecord.decode(stored.content()).state() != WorkflowRecord.State.CANCELLED;
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
        return record.onFailure() == FailurePolicy.CONTINUE
                ? goOnWithout(message, record)
                : fail(queue, message, stored, record, tries);
    }

    /** Also if it has failed before: whoever lets it go on now reads again, and does not miss this step. */
    private CompletableFuture<Void> fail(
            String queue, OutboxMessage.Ended message, StoredWorkflow stored, WorkflowRecord record, int tries) {
        WorkflowRecord failed = record.with(
                WorkflowRecord.State.FAILED,
                new WorkflowRecord.Failed(
                        message.member().step(),
                        queue,
                        message.job(),
                        message.end().name()));
        WorkflowWrite write = new WorkflowWrite(
                stored.revision(), new StoredWorkflow(stored.id(), revisions.next(), failed.encode(), KEPT_MILLIS));
        return Safely.ask(() -> broker.workflows().store(message.member().home(), write, List.of()))
                .thenCompose(reply -> {
                    if (reply.isWritten()) {
                        return done();
                    }
                    if (tries == 1) {
                        throw new IllegalStateException(
                                "the record of workflow " + stored.id() + " was written by others again and again");
                    }
                    return ended(queue, message, tries - 1);
                });
    }

    /** The places that it would have filled say that it was not run. All of it may be done again. */
    private CompletableFuture<Void> goOnWithout(OutboxMessage.Ended message, WorkflowRecord record) {
        String id = message.member().workflow();
        String home = message.member().home();
        Plan plan = PlanCodec.decodePlan(jobs.openPlan(record.plan(), id, home));
        WorkflowRef workflow = plan.of(id);
        PlanStep step = plan.step(message.member().step()).orElse(null);
        if (step == null) {
            return done();
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

    /** The place of one element of a map. */
    private Fill element(WorkflowRef workflow, PlanStep map, String job) {
        int index = Integer.parseInt(
                job.substring(workflow.elementId(map.number(), 0).length() - 1));
        Target list = map.fills().get(0);
        return jobs.fill(
                workflow,
                new Target(list.queue(), list.step(), index),
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
