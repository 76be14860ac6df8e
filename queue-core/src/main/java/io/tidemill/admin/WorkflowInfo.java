package io.tidemill.admin;

import io.tidemill.broker.StoredWorkflow;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.queue.WorkflowState;
import io.tidemill.record.Payloads;
import io.tidemill.task.PayloadException;
import io.tidemill.text.JobIds;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A workflow as operators see it. How far its steps are, its handle says.
 *
 * <p>Immutable. Made by {@link QueueAdmin}.
 */
public final class WorkflowInfo {

    private final String id;
    private final String queue;
    private final @Nullable WorkflowState state;
    private final @Nullable Plan plan;
    private final WorkflowRecord.@Nullable Failed failed;
    private final OptionalLong writtenMillis;
    private final long keptMillis;

    private WorkflowInfo(String queue, StoredWorkflow stored, @Nullable WorkflowRecord record, @Nullable Plan plan) {
        this.id = stored.id();
        this.queue = queue;
        this.state = record == null ? null : stateOf(stored, record);
        this.plan = plan;
        this.failed = record == null || stored.end() != null ? null : record.failed();
        String revision = stored.revision();
        this.writtenMillis = JobIds.millisOf(
                stored.end() == null
                        ? revision
                        : revision.substring(0, revision.length() - StoredWorkflow.ENDED.length()));
        this.keptMillis = stored.keepMillis();
    }

    static WorkflowInfo of(String queue, StoredWorkflow stored) {
        WorkflowRecord record = null;
        Plan plan = null;
        try {
            record = WorkflowRecord.decode(stored.content());
            plan = Payloads.isSealed(record.plan()) ? null : PlanCodec.decodePlan(record.plan());
        } catch (PayloadException e) {
            // A newer version wrote it, or it is damaged: what can be read is shown.
        }
        return new WorkflowInfo(queue, stored, record, plan);
    }

    static WorkflowState stateOf(StoredWorkflow stored, WorkflowRecord record) {
        return stored.end() != null
                ? WorkflowState.SUCCEEDED
                : WorkflowState.valueOf(record.state().name());
    }

    /** Its id. */
    public String id() {
        return id;
    }

    /** The queue that has its record: that of its first step. */
    public String queue() {
        return queue;
    }

    /** Its state; empty if its record cannot be read here, as one that a newer version wrote. */
    public Optional<WorkflowState> state() {
        return Optional.ofNullable(state);
    }

    /** Its name; empty if its plan is sealed or cannot be read here. */
    public Optional<String> name() {
        return Optional.ofNullable(plan).map(Plan::name);
    }

    /**
     * The name of the step that has ended without success, if it has failed: its number if its plan is sealed or cannot
     * be read here.
     */
    public Optional<String> failedStep() {
        return Optional.ofNullable(failed)
                .map(step -> Optional.ofNullable(plan)
                        .flatMap(known -> known.step(step.step()))
                        .map(PlanStep::name)
                        .orElse(Integer.toString(step.step())));
    }

    /** The queue of that step. */
    public Optional<String> failedQueue() {
        return Optional.ofNullable(failed).map(WorkflowRecord.Failed::queue);
    }

    /** The job of that step: {@link QueueAdmin#find} says why it died. */
    public Optional<String> failedJob() {
        return Optional.ofNullable(failed).map(WorkflowRecord.Failed::job);
    }

    /**
     * When its state was last written, by the clock of the process that wrote it: when it began, has failed, was
     * cancelled or was tried again. The success of the last step does not change it.
     */
    public Optional<Instant> writtenAt() {
        return writtenMillis.isEmpty()
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(writtenMillis.getAsLong()));
    }

    /** For how much longer its record is kept; empty while it has not ended. */
    public Optional<Duration> keptFor() {
        return keptMillis == StoredWorkflow.UNTIL_WRITTEN
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(keptMillis));
    }

    @Override
    public String toString() {
        return "workflow " + id + " of queue " + queue + ": "
                + state().map(Enum::name).orElse("its record cannot be read here");
    }
}
