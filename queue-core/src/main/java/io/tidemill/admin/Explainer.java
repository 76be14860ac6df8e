package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.record.Payloads;
import io.tidemill.record.WorkerRecord;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says why a job is not running: the one cause that comes first. */
final class Explainer {

    private final Broker broker;

    Explainer(Broker broker) {
        this.broker = broker;
    }

    Explanation explain(String queue, String id) {
        return Answers.of(broker.operations().inspect(queue, id), "about job " + id)
                .map(seen -> explain(queue, seen))
                .orElseGet(Explanation.Unknown::new);
    }

    private Explanation explain(String queue, Inspection seen) {
        JobSnapshot job = seen.job();
        if (job.state() == JobState.DEAD) {
            return new Explanation.Dead(
                    Instant.ofEpochMilli(job.timeMillis()), JobInfo.of(job).failure());
        }
        if (job.state().isFinal()) {
            return new Explanation.Ended(job.state());
        }
        if (seen.token() != null) {
            return new Explanation.Held(LeaseHolder.of(seen.token(), seen.leaseEndsMillis()));
        }
        if (job.state() == JobState.WAITING
                && seen.waits() != null
                && job.constraints().member() != null) {
            return waiting(job.id(), job.constraints().member(), seen.waits());
        }
        List<WorkerSnapshot> workers =
                Answers.of(broker.operations().workers(queue), "for the workers of queue " + queue);
        String task = JobInfo.of(job).task();
        // Steps that run no task are done by any worker.
        boolean isKnown = StepKind.runsNoTask(task)
                || workers.stream()
                        .anyMatch(worker ->
                                WorkerRecord.decode(worker.info()).tasks().contains(task));
        if (!workers.isEmpty() && !isKnown) {
            // First: a worker that does not know the task delays the job, again and again.
            return new Explanation.NoWorkerKnowsTask(task);
        }
        if (job.state() == JobState.SCHEDULED) {
            return new Explanation.Delayed(Instant.ofEpochMilli(job.timeMillis()));
        }
        if (seen.isPaused()) {
            return new Explanation.Paused();
        }
        if (workers.isEmpty()) {
            return new Explanation.NoWorker();
        }
        return seen.heldUp() == null ? new Explanation.Behind(seen.ahead()) : limited(seen.heldUp());
    }

    private Explanation waiting(String job, WorkflowMember member, Inspection.Waits waits) {
        int missing = waits.places() < 0 ? -1 : waits.places() - waits.filled();
        List<String> steps = new ArrayList<>();
        // A step that was added while the workflow runs is not in its plan.
        plan(member)
                .filter(plan -> !WorkflowRef.isAdded(plan.jobs(), job))
                .ifPresent(plan -> plan.steps()
                        .forEach(step -> step.fills().stream()
                                .filter(target -> target.step() == member.step()
                                        && waits.empty().contains(target.place()))
                                .forEach(target -> steps.add(step.name()))));
        return new Explanation.WaitsForSteps(
                member.workflow(), missing, steps.stream().distinct().toList());
    }

    /** The plan, if it can be read here: a newer version may have written it. */
    private Optional<Plan> plan(WorkflowMember member) {
        Optional<StoredWorkflow> stored = Answers.of(
                broker.workflows().find(member.home(), member.workflow(), false),
                "about workflow " + member.workflow());
        try {
            return stored.map(found -> WorkflowRecord.decode(found.content()).plan())
                    .filter(plan -> !Payloads.isSealed(plan))
                    .map(PlanCodec::decodePlan);
        } catch (PayloadException e) {
            return Optional.empty();
        }
    }

    private static Explanation limited(Inspection.HeldUp limit) {
        if (limit.before() != null) {
            return new Explanation.InOrder(limit.group(), limit.before(), Instant.ofEpochMilli(limit.untilMillis()));
        }
        return new Explanation.Limited(
                limit.group(), limit.untilMillis() == 0 ? null : Instant.ofEpochMilli(limit.untilMillis()));
    }
}
