package io.tidemill.plan;

import io.tidemill.task.PayloadException;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of a workflow in its home queue: the content of its record.
 *
 * <pre>
 * layout 1, state, policy, 0 | 1 failed step, how it ended, plan
 * </pre>
 *
 * <p>Immutable, except that the plan is not copied.
 *
 * @param state as it was written last; a workflow whose record has an end has succeeded, whatever this says
 * @param onFailure what becomes of it when a step has ended without success
 * @param failed the step that ended without success; null if none did
 * @param plan as {@link PlanCodec} wrote it, sealed if there is a seal
 */
public record WorkflowRecord(
        State state, FailurePolicy onFailure, @Nullable Failed failed, byte[] plan) {

    private static final int LAYOUT = 1;

    /** What is written of a workflow. */
    public enum State {
        /** Its jobs are being stored; none of them runs yet. */
        STARTING(0),
        /** It has begun. */
        RUNNING(1),
        /** A step has ended without success, and its policy says that it has failed. */
        FAILED(2),
        /** It was cancelled. */
        CANCELLED(3);

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
    public record Failed(int step, String queue, String job, String end) {}

    /** The same in another state. */
    public WorkflowRecord with(State value, @Nullable Failed step) {
        return new WorkflowRecord(value, onFailure, step, plan);
    }

    /** The record as bytes. */
    public byte[] encode() {
        PlanWriter out = new PlanWriter()
                .number(LAYOUT)
                .number(state.code())
                .number(onFailure.code())
                .number(failed == null ? 0 : 1);
        if (failed != null) {
            out.number(failed.step()).text(failed.queue()).text(failed.job()).text(failed.end());
        }
        return out.bytes(plan).written();
    }

    /**
     * The record that these bytes hold.
     *
     * @throws PayloadException if they hold none, or one that a newer version wrote
     */
    public static WorkflowRecord decode(byte[] bytes) {
        PlanReader in = new PlanReader(bytes);
        long layout = in.number("layout", Integer.MAX_VALUE);
        if (layout != LAYOUT) {
            throw in.wrong("the record has layout " + layout + ", and this version reads layout " + LAYOUT);
        }
        State state = in.coded("state", State.values(), State::code);
        FailurePolicy policy = in.coded("policy", FailurePolicy.values(), FailurePolicy::code);
        Failed failed = in.count("presence of a failed step", 1) == 0
                ? null
                : new Failed(
                        in.count("number of a step", Plan.MAX_STEPS - 1),
                        in.text("queue"),
                        in.text("job"),
                        in.text("end"));
        WorkflowRecord record = new WorkflowRecord(state, policy, failed, in.bytes("plan"));
        in.end();
        return record;
    }
}
