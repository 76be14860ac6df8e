package io.tidemill.plan;

import io.tidemill.task.PayloadException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of a workflow in its home queue: the content of its record.
 *
 * <pre>
 * layout, state, policy, jobs, 0 | 1 callbacks, 0 | 1 failed, 0 | 1 undo, plan, with layout 2: list of queues
 * failed: number of the step, queue, job, how it ended
 * undo: list of numbers of steps, 0 | 1 done, 0 | 1 failed
 * </pre>
 *
 * <p>Layout 2 is that of a workflow to which steps were added, layout 1 that of all others.
 *
 * <p>Immutable, except that the plan is not copied.
 *
 * @param state as it was written last; a workflow whose record has an end has succeeded, whatever this says
 * @param onFailure what becomes of it when a step has ended without success
 * @param jobs how the ids of its jobs begin: jobs with other ids belong to an earlier start
 * @param hasCallbacks whether something is to be enqueued when it ends
 * @param failed the step that ended without success; null if none did
 * @param undo how far it is compensated; null if that has not begun
 * @param plan as {@link PlanCodec} wrote it, sealed if there is a seal
 * @param added the queues of steps that were added while it runs, and of those that have added them; empty if none was
 */
public record WorkflowRecord(
        State state,
        FailurePolicy onFailure,
        String jobs,
        boolean hasCallbacks,
        @Nullable Failed failed,
        @Nullable Undo undo,
        byte[] plan,
        SortedSet<String> added) {

    /**
     * How long a workflow is kept that may go on when a dead step is redriven. When the dead step is taken out, the
     * record is written again, so in truth it is kept as long as that step.
     */
    public static final long KEPT_WHILE_DEAD_MILLIS = Duration.ofDays(365).toMillis();

    /** How long a workflow is kept that has failed for good, or was cancelled. */
    public static final long KEPT_MILLIS = Duration.ofDays(30).toMillis();

    private static final int LAYOUT = 1;
    private static final int LAYOUT_WITH_ADDED = 2;

    /** Copies the set. */
    public WorkflowRecord {
        added = Collections.unmodifiableSortedSet(new TreeSet<>(added));
    }

    /** One to which nothing was added. */
    public WorkflowRecord(
            State state,
            FailurePolicy onFailure,
            String jobs,
            boolean hasCallbacks,
            @Nullable Failed failed,
            @Nullable Undo undo,
            byte[] plan) {
        this(state, onFailure, jobs, hasCallbacks, failed, undo, plan, new TreeSet<>());
    }

    /** What is written of a workflow. */
    public enum State {
        /** Its jobs are being stored; none of them runs yet. */
        STARTING(0),
        /** It has begun. */
        RUNNING(1),
        /** A step has ended without success, and its policy says that it has failed. */
        FAILED(2),
        /** It was cancelled. */
        CANCELLED(3),
        /** A step has ended without success, and what has succeeded is undone. */
        COMPENSATING(4);

        private final int code;

        State(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /**
     * A step that ended without success.
     *
     * @param step its number
     * @param queue its queue
     * @param job the id of its job
     * @param end how it ended: {@code DEAD}, {@code CANCELLED}, {@code EXPIRED} or {@code REMOVED}
     */
    public record Failed(int step, String queue, String job, String end) {

        /** Whether it can be redriven. */
        public boolean canRunAgain() {
            return end.equals("DEAD");
        }
    }

    /**
     * How far a workflow is compensated.
     *
     * @param steps the numbers of the steps that are undone, in that order
     * @param isDone whether all of them are
     * @param failed what has ended without success while it was undone; null for nothing
     */
    public record Undo(
            List<Integer> steps, boolean isDone, @Nullable Failed failed) {

        /** Copies the list. */
        public Undo {
            steps = List.copyOf(steps);
        }
    }

    /** The same in another state. */
    public WorkflowRecord with(State value, @Nullable Failed step) {
        return new WorkflowRecord(value, onFailure, jobs, hasCallbacks, step, undo, plan, added);
    }

    /** The same, compensated so far. */
    public WorkflowRecord with(@Nullable Undo value) {
        return new WorkflowRecord(state, onFailure, jobs, hasCallbacks, failed, value, plan, added);
    }

    /** The same with steps that were added in these queues, too. */
    public WorkflowRecord withAdded(Set<String> queues) {
        SortedSet<String> all = new TreeSet<>(added);
        all.addAll(queues);
        return new WorkflowRecord(state, onFailure, jobs, hasCallbacks, failed, undo, plan, all);
    }

    /** Whether steps were added while it ran. */
    public boolean hasAdded() {
        return !added.isEmpty();
    }

    /** Whether a job is one of this workflow, and not of an earlier start with the same id. */
    public boolean has(String job) {
        return job.startsWith(jobs + ":");
    }

    /** Whether no step of it is to be run any more. */
    public boolean isOver() {
        return state != State.STARTING && state != State.RUNNING;
    }

    /** The record as bytes. */
    public byte[] encode() {
        PlanWriter out = new PlanWriter()
                .number(hasAdded() ? LAYOUT_WITH_ADDED : LAYOUT)
                .number(state.code())
                .number(onFailure.code())
                .text(jobs)
                .number(hasCallbacks ? 1 : 0);
        write(out, failed);
        out.number(undo == null ? 0 : 1);
        if (undo != null) {
            out.list(undo.steps(), (to, step) -> to.number(step)).number(undo.isDone() ? 1 : 0);
            write(out, undo.failed());
        }
        out.bytes(plan);
        return hasAdded() ? out.list(List.copyOf(added), PlanWriter::text).written() : out.written();
    }

    private static void write(PlanWriter out, @Nullable Failed step) {
        out.number(step == null ? 0 : 1);
        if (step != null) {
            out.number(step.step()).text(step.queue()).text(step.job()).text(step.end());
        }
    }

    /**
     * The record that these bytes hold.
     *
     * @throws PayloadException if they hold none, or one that a newer version wrote
     */
    public static WorkflowRecord decode(byte[] bytes) {
        PlanReader in = new PlanReader(bytes);
        long layout = in.number("layout", Integer.MAX_VALUE);
        if (layout != LAYOUT && layout != LAYOUT_WITH_ADDED) {
            throw in.wrong("the record has layout " + layout + ", and this version reads layouts " + LAYOUT + " and "
                    + LAYOUT_WITH_ADDED);
        }
        WorkflowRecord record = new WorkflowRecord(
                in.coded("state", State.values(), State::code),
                in.coded("policy", FailurePolicy.values(), FailurePolicy::code),
                in.text("ids of jobs"),
                in.count("presence of callbacks", 1) == 1,
                failed(in),
                undo(in),
                in.bytes("plan"),
                layout == LAYOUT ? new TreeSet<>() : queues(in));
        in.end();
        return record;
    }

    private static SortedSet<String> queues(PlanReader in) {
        return new TreeSet<>(in.list("queues", Plan.MAX_STEPS, each -> each.text("queue")));
    }

    private static @Nullable Failed failed(PlanReader in) {
        return in.count("presence of a failed step", 1) == 0
                ? null
                : new Failed(
                        in.count("number of a step", Plan.MOST_NUMBER),
                        in.text("queue"),
                        in.text("job"),
                        in.text("end"));
    }

    private static @Nullable Undo undo(PlanReader in) {
        return in.count("presence of what is undone", 1) == 0
                ? null
                : new Undo(
                        in.list("steps", Plan.MAX_STEPS, each -> each.count("number of a step", Plan.MAX_STEPS - 1)),
                        in.count("whether all is undone", 1) == 1,
                        failed(in));
    }
}
