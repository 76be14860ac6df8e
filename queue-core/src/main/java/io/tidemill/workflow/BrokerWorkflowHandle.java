package io.tidemill.workflow;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Fill;
import io.tidemill.broker.FillReply;
import io.tidemill.broker.StoredWorkflow;
import io.tidemill.broker.WorkflowEnd;
import io.tidemill.message.Failure;
import io.tidemill.plan.Plan;
import io.tidemill.plan.PlanCodec;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepKind;
import io.tidemill.plan.StepValue;
import io.tidemill.plan.Target;
import io.tidemill.plan.WorkflowRecord;
import io.tidemill.record.JobCodec;
import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A workflow that the broker is asked about.
 *
 * <p>Immutable and thread-safe.
 */
final class BrokerWorkflowHandle<R extends @Nullable Object> implements WorkflowHandle<R> {

    private final WorkflowParts parts;
    private final String home;
    private final String id;
    private final ValueType type;
    private final boolean isNew;

    BrokerWorkflowHandle(WorkflowParts parts, String home, String id, ValueType type, boolean isNew) {
        this.parts = parts;
        this.home = home;
        this.id = id;
        this.type = type;
        this.isNew = isNew;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String home() {
        return home;
    }

    @Override
    public boolean isNew() {
        return isNew;
    }

    @Override
    public Optional<WorkflowState> state() {
        return found().map(BrokerWorkflowHandle::stateOf);
    }

    static WorkflowState stateOf(StoredWorkflow stored) {
        return stored.end() != null
                ? WorkflowState.SUCCEEDED
                : switch (WorkflowRecord.decode(stored.content()).state()) {
                    case STARTING -> WorkflowState.STARTING;
                    case RUNNING -> WorkflowState.RUNNING;
                    case FAILED -> WorkflowState.FAILED;
                    case CANCELLED -> WorkflowState.CANCELLED;
                };
    }

    @Override
    public R await(Duration timeout) throws InterruptedException {
        long nanos = Durations.check("timeout", timeout).toNanos();
        try {
            return parts.awaiter().get(completion(), nanos);
        } catch (InterruptedException e) {
            parts.awaiter().giveUpWorkflow(home, id);
            throw e;
        } catch (TimeoutException e) {
            parts.awaiter().giveUpWorkflow(home, id);
            throw new WorkflowTimeoutException(id, timeout);
        } catch (ExecutionException e) {
            throw Answers.unwrap(e);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the declared type of the last step was read into the handle when it was made
    public CompletableFuture<R> completion() {
        return (CompletableFuture<R>) parts.awaiter()
                .workflow(home, id)
                .thenComposeAsync(
                        ended -> Safely.ask(() -> parts.broker().workflows().find(home, id, false)), parts.executor())
                .thenComposeAsync(this::outcome, parts.executor());
    }

    private CompletableFuture<@Nullable Object> outcome(Optional<StoredWorkflow> found) {
        StoredWorkflow stored = found.orElseThrow(() -> new UnknownWorkflowException(home, id));
        WorkflowEnd end = stored.end();
        if (end != null) {
            return CompletableFuture.completedFuture(
                    type.read(parts.payloads().codec(), parts.jobs().outcome(end.outcome(), id, home)));
        }
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        WorkflowRecord.Failed failed = record.failed();
        if (record.state() == WorkflowRecord.State.CANCELLED) {
            throw new WorkflowCancelledException(id);
        }
        if (failed == null) {
            // It goes on: somebody has let it since it was looked at.
            return completion().thenApply(value -> value);
        }
        return parts.awaiter().find(failed.queue(), failed.job()).handle((job, failure) -> {
            byte[] kept = job == null ? null : job.map(each -> each.failure()).orElse(null);
            throw failed(
                    record, failed, kept == null ? null : parts.payloads().failure(kept, failed.queue(), failed.job()));
        });
    }

    private WorkflowFailedException failed(
            WorkflowRecord record, WorkflowRecord.Failed failed, @Nullable Failure failure) {
        String step;
        try {
            step = plan(record).step(failed.step()).map(PlanStep::name).orElse("?");
        } catch (RuntimeException e) {
            // It is sealed, and the key is not here.
            step = Integer.toString(failed.step());
        }
        return new WorkflowFailedException(id, step, failed.job(), failed.end().toLowerCase(Locale.ROOT), failure);
    }

    @Override
    public List<StepProgress> progress() {
        StoredWorkflow stored = known();
        return new ProgressReader(parts, id, plan(WorkflowRecord.decode(stored.content())), stateOf(stored)).read();
    }

    @Override
    public <V> Optional<V> result(String step, Class<V> as) {
        Plan plan = plan(WorkflowRecord.decode(known().content()));
        PlanStep found = plan.step(step)
                .orElseThrow(() -> new IllegalArgumentException("workflow " + id + " has no step \"" + step + "\""));
        return parts.sender()
                .<V>job(found.queue(), plan.of(id).jobId(found.number()), as)
                .result();
    }

    @Override
    public <V> boolean signal(String signal, Class<V> type, V value) {
        Plan plan = plan(WorkflowRecord.decode(known().content()));
        StepValue written = new StepValue.Written(parts.payloads().codec().encodeResult(value, type));
        boolean isTaken = false;
        for (PlanStep step : plan.steps()) {
            if (step.kind() == StepKind.SIGNAL
                    && signal.equals(JobCodec.decode(step.job()).headers().get(StepDefinition.SIGNAL))) {
                Fill fill = parts.jobs()
                        .fill(
                                plan.of(id),
                                new Target(step.queue(), step.number(), 0),
                                written,
                                step.kind().task());
                FillReply reply = parts.awaiter()
                        .ask(parts.broker().workflows().fill(step.queue(), List.of(fill)), this)
                        .get(0);
                isTaken |= reply == FillReply.FILLED || reply == FillReply.READY;
            }
        }
        return isTaken;
    }

    @Override
    public boolean cancel() {
        return new WorkflowChanges(parts, home, id).cancel();
    }

    @Override
    public int retry() {
        return new WorkflowChanges(parts, home, id).retry();
    }

    private Plan plan(WorkflowRecord record) {
        return PlanCodec.decodePlan(parts.jobs().openPlan(record.plan(), id, home));
    }

    private StoredWorkflow known() {
        return found().orElseThrow(() -> new UnknownWorkflowException(home, id));
    }

    private Optional<StoredWorkflow> found() {
        return parts.awaiter().ask(parts.broker().workflows().find(home, id, false), this);
    }

    @Override
    public String toString() {
        return "workflow " + id + " of queue " + home;
    }
}
