package io.tidemill.flow;

import io.tidemill.broker.Fill;
import io.tidemill.broker.Followers;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.message.PayloadCodec;
import io.tidemill.plan.Argument;
import io.tidemill.plan.Guard;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepSection;
import io.tidemill.plan.StepValue;
import io.tidemill.plan.Target;
import io.tidemill.plan.WorkflowRef;
import io.tidemill.record.Job;
import io.tidemill.task.PayloadException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * One run of a step: what it needs, whether it is run at all, and what follows on it.
 *
 * <p>Immutable and thread-safe.
 */
public final class StepRun {

    private final StepJobs jobs;
    private final StepSection section;
    private final String queue;
    private final Job job;

    StepRun(StepJobs jobs, StepSection section, String queue, Job job) {
        this.jobs = jobs;
        this.section = section;
        this.queue = queue;
        this.job = job;
    }

    PlanStep step() {
        return section.step();
    }

    String queue() {
        return queue;
    }

    String jobId() {
        return section.jobId();
    }

    PayloadCodec codec() {
        return jobs.payloads().codec();
    }

    /** Whether it runs a task. */
    public boolean isCall() {
        return step().kind() == StepKind.CALL;
    }

    /** Whether the code of the job with this id, which it is, may add steps: not what is in no plan, or is no step. */
    public boolean mayAdd(String job) {
        return isCall() && step().number() < Plan.MAX_STEPS && job.equals(jobId());
    }

    /** Whether it stores a call for each element of a list. */
    public boolean isMap() {
        return step().kind() == StepKind.MAP;
    }

    /** Whether it finishes the start of its workflow. */
    public boolean isStart() {
        return step().kind() == StepKind.START;
    }

    /** Whether it stores the steps that another one has added. */
    public boolean isAdd() {
        return step().kind() == StepKind.ADD;
    }

    /** Whether it wakes steps while its workflow runs out. */
    public boolean isWake() {
        return step().kind() == StepKind.WAKE;
    }

    /** Whether it ends its workflow. */
    public boolean isEnding() {
        return step().kind() == StepKind.CLOSE || step().kind() == StepKind.FAILED;
    }

    /** Whether the record of its workflow is read before it is run. */
    public boolean asksFirst() {
        return section.workflow().asksFirst() && step().kind().hasTask();
    }

    /** Its workflow. */
    public WorkflowRef workflow() {
        return section.workflow();
    }

    /** Whether its record has all arguments, as that of a job that is no step. */
    public boolean hasOwnArguments() {
        return step().arguments().isEmpty() && !isMap();
    }

    /** Whether the values that it needs are in places, which the broker is asked for. */
    public boolean hasPlaces() {
        return section.value() == null && (step().places() > 0 || hasOwnDelay());
    }

    /**
     * How long it is still to wait, ms; 0 or less for not any longer. Its delay begins when it has all that it needs,
     * which its values say. A job that was stored with its delay has waited.
     *
     * @param values the values of its places
     */
    public long delayMillis(List<StepValue> values, long nowMillis) {
        return hasOwnDelay()
                ? values.stream()
                        .mapToLong(value -> value instanceof StepValue.Timed timed
                                ? timed.millis() + step().start().delayMillis() - nowMillis
                                : 0)
                        .max()
                        .orElse(0)
                : 0;
    }

    private boolean hasOwnDelay() {
        return step().kind().hasTask() && job.dueMillis() == 0 && step().start().delayMillis() > 0;
    }

    /** The value of a place, as it was filled. */
    public StepValue filled(byte[] value) {
        return jobs.filled(value, queue, jobId());
    }

    /** What came with its job: the value of its only place, if it has one. */
    public List<StepValue> carried() {
        StepValue value = section.value();
        return value == null ? List.of() : List.of(value);
    }

    /**
     * Whether it is not run, since a branch was not taken.
     *
     * @param values the values of its places
     */
    public boolean isSkipped(List<StepValue> values) {
        for (Guard guard : step().guards()) {
            if (!(values.get(guard.place()) instanceof StepValue.Written written)
                    || !Boolean.valueOf(guard.expected())
                            .equals(codec().decodeResult(written.bytes(), Boolean.class))) {
                return true;
            }
        }
        for (int place = 0; place < values.size(); place++) {
            if (values.get(place).isSkipped() && !step().mayMiss(place)) {
                return true;
            }
        }
        return step().arguments().stream()
                .anyMatch(each -> each instanceof Argument.FirstOf first
                        && values.subList(first.from(), first.from() + first.count()).stream()
                                .allMatch(StepValue::isSkipped));
    }

    /**
     * What a step gives that runs no task.
     *
     * @param values the values of its places
     */
    public StepValue collected(List<StepValue> values) {
        return switch (step().kind()) {
            case COLLECT -> new StepValue.Items(values);
            // The first place is the map's own.
            case MAPPED ->
                values.get(0).isSkipped()
                        ? StepValue.Empty.SKIPPED
                        : new StepValue.Items(values.subList(1, values.size()));
            case END, SIGNAL, CLOSE, FAILED, START, WAKE, ADDED, ADD -> values.get(0);
            case GIVEN ->
                new StepValue.Written(codec().encodeResult(!values.get(0).isSkipped(), boolean.class));
            case FIRST, CALL, MAP ->
                values.stream().filter(value -> !value.isSkipped()).findFirst().orElse(StepValue.Empty.SKIPPED);
        };
    }

    /**
     * The elements of the list that a map takes, each as the codec writes it for the task.
     *
     * @param values the values of its places
     * @param type what the task takes
     */
    public List<StepValue> elements(List<StepValue> values, Type type) {
        StepValue list = values.get(0);
        if (list instanceof StepValue.Items items) {
            return items.items().stream().filter(item -> !item.isSkipped()).toList();
        }
        ListType listType = new ListType(type);
        if (!(StepArguments.read(codec(), list, listType) instanceof Collection<?> read)) {
            throw new PayloadException(
                    "step \"" + step().name() + "\" runs for each element of a list, and was given none", null);
        }
        List<StepValue> elements = new ArrayList<>(read.size());
        for (Object each : read) {
            elements.add(new StepValue.Written(codec().encodeResult(each, listType.element())));
        }
        return elements;
    }

    /** Of a map: the queue of the job that waits for its elements. */
    public String listQueue() {
        return step().fills().get(0).queue();
    }

    /** Of a map: the id of the job that waits for its elements. */
    public String listJob() {
        return section.workflow().jobId(step().fills().get(0).step());
    }

    /** The job of one element of a map. */
    public WorkflowJob element(int index, StepValue value, long nowMillis) {
        return jobs.element(section.workflow(), step(), index, value, nowMillis);
    }

    /** What follows on a map whose list has so many elements: that many places have their values, and one its own. */
    public Followers mapped(int elements) {
        List<Fill> fills = new ArrayList<>();
        for (Target target : step().fills()) {
            fills.add(Fill.count(target.queue(), section.workflow().jobId(target.step()), elements + 1));
            fills.add(jobs.fill(section.workflow(), target, StepValue.Empty.NOTHING, job.task()));
        }
        return new Followers(List.of(), fills);
    }

    /** What follows on the step that gave this. */
    public Followers followers(StepValue value, long nowMillis) {
        if (isMap()) {
            return new Followers(List.of(), jobs.notRun(section.workflow(), step()));
        }
        WorkflowRef workflow = section.workflow();
        List<WorkflowJob> made = step().makes().stream()
                .map(next -> jobs.ready(workflow, next, value, nowMillis))
                .toList();
        List<Fill> fills = step().fills().stream()
                .map(target -> jobs.fill(workflow, target, timed(target, value, nowMillis), job.task()))
                .toList();
        return new Followers(made, fills, step().isLast() ? jobs.end(workflow, value, step().endKeepMillis()) : null);
    }

    /**
     * What follows on the step that gave this and has added these plans: a job that stores their steps, and one that
     * waits for all of them. What would have followed on this step follows on that one.
     */
    public Followers followers(StepValue value, List<Plan> added, long nowMillis) {
        return new Followers(
                List.of(
                        jobs.added(section.workflow(), step(), value, added, nowMillis),
                        jobs.stores(section.workflow(), step(), nowMillis)),
                List.of());
    }

    private static StepValue timed(Target target, StepValue value, long nowMillis) {
        return target.isTimed() && !value.isSkipped() ? new StepValue.Timed(nowMillis, value) : value;
    }

    /** Whether a message for another queue is left behind when it has succeeded. */
    public boolean leavesMessages() {
        return isEnding()
                || isAdd()
                || (step().isLast() && !section.workflow().home().equals(queue))
                || step().fills().stream().anyMatch(target -> !target.queue().equals(queue));
    }
}
