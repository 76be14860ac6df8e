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
import io.tidemill.queue.WorkflowState;
import io.tidemill.record.JobCodec;
import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
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
                    case COMPENSATING -> WorkflowState.COMPENSATING;
                    case CANCELLED -> WorkflowState.CANCELLED;
                };
    }

    @Override
    public R await(Duration timeout) throws InterruptedException {
        long nanos = Durations.check("timeout", timeout).toNanos();
        boolean isCounted = parts.awaiter()
                .beginWait(id, () -> state().map(WorkflowState::isFinal).orElse(true));
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
        } finally {
            if (isCounted) {
                parts.awaiter().endWait();
            }
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the declared type of the last step was read into the handle when it was made
    public CompletableFuture<R> completion() {
        CompletableFuture<?> ended = parts.awaiter().workflow(home, id);
        CompletableFuture<R> outcome = (CompletableFuture<R>) ended.thenComposeAsync(
                        found -> Safely.ask(() -> parts.broker().workflows().find(home, id, false)), parts.executor())
                .thenComposeAsync(this::outcome, parts.executor());
        // A caller that cancels it, or lets it time out, waits no longer.
        outcome.whenComplete((value, failure) -> ended.cancel(false));
        return outcome;
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
        if (failed == null || record.state() == WorkflowRecord.State.COMPENSATING) {
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
        Map<Integer, String> names = new HashMap<>();
        try {
            plan(record).steps().forEach(step -> names.put(step.number(), step.name()));
        } catch (RuntimeException e) {
            // It is sealed, and the key is not here.
        }
        IntFunction<String> name = number -> names.getOrDefault(number, Integer.toString(number));
        return new WorkflowFailedException(
                id,
                name.apply(failed.step()),
                failed.job(),
                failed.end().toLowerCase(Locale.ROOT),
                failure,
                compensation(record, name));
    }

    private static WorkflowFailedException.@Nullable Compensation compensation(
            WorkflowRecord record, IntFunction<String> name) {
        WorkflowRecord.Undo undo = record.undo();
        if (undo == null) {
            return null;
        }
        WorkflowRecord.Failed stopped = undo.failed();
        int stoppedAt = stopped == null ? -1 : undo.steps().indexOf(stopped.step() - Plan.FIRST_COMPENSATION);
        int done = undo.isDone() ? undo.steps().size() : Math.max(0, stoppedAt);
        return new WorkflowFailedException.Compensation(
                undo.steps().stream().limit(done).map(name::apply).toList(),
                undo.steps().stream().skip(done).map(name::apply).toList(),
                stopped == null ? null : stopped.job());
    }

    @Override
    public List<StepProgress> progress() {
        StoredWorkflow stored = known();
        WorkflowRecord record = WorkflowRecord.decode(stored.content());
        return new ProgressReader(parts, id, plan(record), stateOf(stored), record).read();
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
        WorkflowRecord record = WorkflowRecord.decode(known().content());
        if (record.state() == WorkflowRecord.State.STARTING) {
            // What is to take it may not be there yet.
            return false;
        }
        Plan plan = plan(record);
        StepValue written = new StepValue.Written(parts.payloads().codec().encodeResult(value, type));
        boolean isTaken = false;
        for (PlanStep step : waitingFor(signal, plan, type)) {
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
        return isTaken;
    }

    /** All are checked before the first is sent a value. */
    private List<PlanStep> waitingFor(String signal, Plan plan, Class<?> type) {
        List<PlanStep> waiting = new ArrayList<>();
        Set<String> known = new TreeSet<>();
        for (PlanStep step : plan.steps()) {
            if (step.kind() == StepKind.SIGNAL) {
                String waitsFor = JobCodec.decode(step.job()).headers().getOrDefault(StepDefinition.SIGNAL, "");
                known.add(waitsFor);
                if (signal.equals(waitsFor)) {
                    checkType(signal, step, type);
                    waiting.add(step);
                }
            }
        }
        if (waiting.isEmpty()) {
            throw new IllegalArgumentException("workflow " + id + " has no step that waits for signal \"" + signal
                    + "\"; there " + (known.isEmpty() ? "are none" : "are: " + String.join(", ", known)));
        }
        return waiting;
    }

    /** A value of another type would stay in the step for ever: the first value stays, and cannot be read. */
    private void checkType(String signal, PlanStep step, Class<?> type) {
        String given = StepDefinition.typeName(type);
        // A step of an earlier version does not say it.
        String declared = JobCodec.decode(step.job()).headers().getOrDefault(StepDefinition.SIGNAL_TYPE, given);
        if (!declared.equals(given)) {
            throw new IllegalArgumentException("signal \"" + signal + "\" of workflow " + id + " is declared as "
                    + declared + ", and was sent as " + given);
        }
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
