package io.tidemill.flow;

import io.tidemill.broker.Fill;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowMember;
import io.tidemill.message.PayloadSeal;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepSection;
import io.tidemill.plan.StepValue;
import io.tidemill.plan.Target;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.task.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes jobs of the steps of plans, and reads the step that a job is. What users put into a workflow is sealed on the
 * way: arguments and what follows for the job that carries them, a value for the job that takes it.
 *
 * <p>Thread-safe.
 */
public final class StepJobs {

    /** Stands for the task in the seal of what belongs to no task: a plan, an outcome. */
    private static final String WORKFLOW = "tidemill.workflow";

    private static final byte[] NO_BYTES = {};

    private final Payloads payloads;

    /** Writes with this codec and seal. */
    public StepJobs(Payloads payloads) {
        this.payloads = payloads;
    }

    Payloads payloads() {
        return payloads;
    }

    /**
     * The job of a step that does not wait.
     *
     * @param value what the step before gave; null for a first step
     */
    public WorkflowJob ready(WorkflowRef workflow, PlanStep step, @Nullable StepValue value, long nowMillis) {
        return job(workflow, step, value, step.start().delayMillis(), 0, nowMillis);
    }

    /**
     * The job of a step that waits.
     *
     * @param places how many places have to be filled before it runs: those of the step, or one for a step that only
     *     waits until the workflow begins
     */
    public WorkflowJob waiting(WorkflowRef workflow, PlanStep step, int places, long nowMillis) {
        // A delay lets a job run with empty places: what a signal is to do. Others wait when they have all they need.
        long delay = step.kind() == StepKind.SIGNAL ? step.start().delayMillis() : 0;
        return job(workflow, step, null, delay, places, nowMillis);
    }

    /**
     * The job of a call that waits until it is told to begin: a compensation, or a callback.
     *
     * @param value what it takes; null if it takes nothing
     */
    WorkflowJob held(WorkflowRef workflow, PlanStep call, @Nullable StepValue value, long nowMillis) {
        // A compensation has its value in its record, and its places are not read: its delay begins when it is stored.
        StepValue carried = value == null ? null : new StepValue.Timed(nowMillis, value);
        return job(workflow.withoutAsking(), call, carried, 0, 1, nowMillis);
    }

    /** What lets a job begin that waits for nothing else. Its delay begins now. */
    public Fill go(WorkflowRef workflow, PlanStep call, long nowMillis) {
        return fill(
                workflow,
                new Target(call.queue(), call.number(), 0),
                new StepValue.Timed(nowMillis, StepValue.Empty.NOTHING),
                JobCodec.taskOf(call.job()));
    }

    /** The job that is done when the workflow has failed. */
    WorkflowJob failed(WorkflowRef workflow, int places, long nowMillis) {
        return job(workflow.withoutAsking(), failedStep(workflow), null, 0, places, nowMillis);
    }

    /** The job that finishes a start after a time, unless that is done before. */
    WorkflowJob start(WorkflowRef workflow, long withinMillis, long nowMillis) {
        return job(workflow.withoutAsking(), startStep(workflow), null, withinMillis, 1, nowMillis);
    }

    /** The job that wakes steps while a workflow runs out. */
    WorkflowJob wake(WorkflowRef workflow, long nowMillis) {
        PlanStep step = ownStep(Plan.WAKE, StepKind.WAKE, workflow);
        return job(workflow.withoutAsking(), step, null, 0, WorkflowJob.NONE, nowMillis);
    }

    static PlanStep startStep(WorkflowRef workflow) {
        return ownStep(Plan.START, StepKind.START, workflow);
    }

    static PlanStep failedStep(WorkflowRef workflow) {
        return ownStep(Plan.FAILED, StepKind.FAILED, workflow);
    }

    private static PlanStep ownStep(int number, StepKind kind, WorkflowRef workflow) {
        return new PlanStep(
                number,
                kind.task(),
                kind,
                workflow.home(),
                record(kind, NO_BYTES),
                new PlanStep.Start(Priority.DEFAULT, 0, null),
                0,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                0);
    }

    /** The job of one element of a map. */
    WorkflowJob element(WorkflowRef workflow, PlanStep map, int index, StepValue value, long nowMillis) {
        String id = workflow.elementId(map.number(), index);
        return job(id, workflow, map.element(index), value, 0, WorkflowJob.NONE, nowMillis);
    }

    /**
     * The job that waits for what a step has added, and then does what would have followed on that step. It keeps the
     * plans, so that whoever looks for the added steps finds them as long as it waits.
     */
    WorkflowJob added(WorkflowRef workflow, PlanStep adder, StepValue value, List<Plan> plans, long nowMillis) {
        PlanStep step = new PlanStep(
                adder.number(),
                adder.name(),
                StepKind.ADDED,
                adder.queue(),
                record(StepKind.ADDED, PlanCodec.encode(plans)),
                withoutDelay(adder),
                plans.size(),
                List.of(),
                List.of(),
                adder.makes(),
                adder.fills(),
                adder.endKeepMillis());
        return job(workflow.addedId(adder.number()), workflow, step, value, 0, plans.size(), nowMillis);
    }

    /** The job that stores what a step has added. */
    WorkflowJob stores(WorkflowRef workflow, PlanStep adder, long nowMillis) {
        PlanStep step = new PlanStep(
                adder.number(),
                adder.name(),
                StepKind.ADD,
                adder.queue(),
                record(StepKind.ADD, NO_BYTES),
                withoutDelay(adder),
                0,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                0);
        return job(
                workflow.storesId(adder.number()),
                workflow.withoutAsking(),
                step,
                null,
                0,
                WorkflowJob.NONE,
                nowMillis);
    }

    /** The plans that the job has which waits for added steps. */
    List<Plan> addedPlans(byte[] body, String queue, String id) {
        Job job = JobCodec.decode(body);
        return PlanCodec.decodePlans(payloads.open(PayloadSeal.Kind.ARGUMENTS, job.payload(), queue, job.task(), id));
    }

    private static PlanStep.Start withoutDelay(PlanStep adder) {
        return new PlanStep.Start(adder.start().priority(), 0, null);
    }

    private static byte[] record(StepKind kind, byte[] payload) {
        return JobCodec.encode(new Job(kind.task(), payload, 0, null, null, Map.of()));
    }

    private WorkflowJob job(
            WorkflowRef workflow,
            PlanStep step,
            @Nullable StepValue value,
            long delayMillis,
            int places,
            long nowMillis) {
        return job(workflow.jobId(step.number()), workflow, step, value, delayMillis, places, nowMillis);
    }

    private WorkflowJob job(
            String id,
            WorkflowRef workflow,
            PlanStep step,
            @Nullable StepValue value,
            long delayMillis,
            int places,
            long nowMillis) {
        Job pattern = JobCodec.decode(step.job());
        byte[] payload = pattern.payload().length == 0
                ? NO_BYTES
                : payloads.seal(PayloadSeal.Kind.ARGUMENTS, pattern.payload(), step.queue(), pattern.task(), id);
        byte[] section = PlanCodec.encode(new StepSection(workflow, step, value));
        byte[] carried = seal(section, step.queue(), pattern.task(), id);
        byte[] body = JobCodec.encode(
                pattern.asStep(carried, nowMillis, delayMillis == 0 ? 0 : nowMillis + delayMillis, payload));
        JobConstraints constraints = step.start().group() == null
                ? JobConstraints.NONE
                : JobConstraints.NONE.withGroup(step.start().group());
        NewJob job = new NewJob(id, body, step.start().priority(), delayMillis, NewJob.NOW, constraints);
        WorkflowMember member = new WorkflowMember(workflow.id(), workflow.home(), workflow.planNumber(step.number()));
        return new WorkflowJob(job, member, places);
    }

    /**
     * The step that a claimed job is; null if it is none.
     *
     * @throws io.tidemill.message.MissingKeyException if it is sealed with a key that is not here
     * @throws io.tidemill.task.PayloadException if it cannot be read
     */
    public @Nullable StepRun open(Job job, String queue, String id) {
        byte[] section = job.section();
        return section == null
                ? null
                : new StepRun(
                        this,
                        PlanCodec.decodeSection(
                                payloads.open(PayloadSeal.Kind.WORKFLOW, section, queue, job.task(), id)),
                        queue,
                        job);
    }

    /** What fills a place with a value. */
    public Fill fill(WorkflowRef workflow, Target target, StepValue value, String task) {
        String id = workflow.jobId(target.step());
        return new Fill(
                target.queue(),
                id,
                target.place(),
                value.isSkipped() ? null : seal(PlanCodec.encode(value), target.queue(), task, id));
    }

    /**
     * What fills the places behind a step that is not run, and behind all steps that it carries, which are never stored
     * then.
     */
    List<Fill> notRun(WorkflowRef workflow, PlanStep step) {
        List<Fill> fills = new ArrayList<>();
        step.forEach(each -> {
            for (Target target : each.fills()) {
                if (each.kind() == StepKind.MAP) {
                    fills.add(Fill.count(target.queue(), workflow.jobId(target.step()), 1));
                }
                fills.add(fill(
                        workflow, target, StepValue.Empty.SKIPPED, each.kind().task()));
            }
        });
        return fills;
    }

    /** The value that a place of this job was filled with. */
    StepValue filled(byte[] value, String queue, String id) {
        return PlanCodec.decodeValue(payloads.open(PayloadSeal.Kind.WORKFLOW, value, queue, null, id));
    }

    /** What is kept of a workflow that has succeeded. */
    WorkflowEnd end(WorkflowRef workflow, StepValue value, long keepMillis) {
        return new WorkflowEnd(seal(PlanCodec.encode(value), workflow.home(), WORKFLOW, workflow.id()), keepMillis);
    }

    /** The value that a workflow ended with. */
    public StepValue outcome(byte[] outcome, String workflow, String home) {
        return PlanCodec.decodeValue(payloads.open(PayloadSeal.Kind.WORKFLOW, outcome, home, WORKFLOW, workflow));
    }

    /** What is stored of a plan. */
    public byte[] sealPlan(byte[] plan, String workflow, String home) {
        return seal(plan, home, WORKFLOW, workflow);
    }

    /** The plan that was stored. */
    public byte[] openPlan(byte[] plan, String workflow, String home) {
        return payloads.open(PayloadSeal.Kind.WORKFLOW, plan, home, WORKFLOW, workflow);
    }

    private byte[] seal(byte[] clear, String queue, String task, String id) {
        return payloads.seal(PayloadSeal.Kind.WORKFLOW, clear, queue, task, id);
    }
}
