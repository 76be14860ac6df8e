package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.PlaceValue;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.flow.StepRun;
import io.tidemill.plan.PlanStep;
import io.tidemill.plan.StepValue;
import io.tidemill.queue.Enqueued;
import io.tidemill.task.PayloadException;
import io.tidemill.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of a map: stores a job for each element of a list. If it is done again, as after a lost lease, elements that
 * are there are left out, and so are those that have ended, as their places are filled.
 *
 * <p>Confined to the thread of the run.
 */
final class MapRun {

    private final Broker broker;
    private final StepRun step;
    private final Run run;
    private final Clock clock;

    MapRun(Broker broker, StepRun step, Run run, Clock clock) {
        this.broker = broker;
        this.step = step;
        this.run = run;
        this.clock = clock;
    }

    /** Stores these, and says how the run ends. */
    Outcome store(List<StepValue> elements) {
        if (elements.size() > PlanStep.MAX_ELEMENTS) {
            throw new PayloadException(
                    "its list has " + elements.size() + " elements, the limit is " + PlanStep.MAX_ELEMENTS, null);
        }
        for (int from = 0; from < elements.size(); ) {
            int to = Math.min(elements.size(), from + WorkflowStore.MAX_JOBS);
            Outcome broken = storeSome(elements, from, to);
            if (broken != null) {
                return broken;
            }
            from = to;
        }
        return new Outcome.Returned(null, step.mapped(elements.size()));
    }

    /** Null if all is well. */
    private @Nullable Outcome storeSome(List<StepValue> elements, int from, int to) {
        BitSet ended = run.attempt() == 1 ? new BitSet() : ended(from, to);
        List<WorkflowJob> batch = new ArrayList<>();
        long cost = 0;
        for (int i = from; i < to; i++) {
            if (ended.get(i - from)) {
                continue;
            }
            WorkflowJob job = step.element(i, elements.get(i), clock.millis());
            long own = broker.cost(job.job());
            if (!batch.isEmpty() && cost + own > Broker.MAX_COST) {
                Outcome broken = store(batch, to);
                if (broken != null) {
                    return broken;
                }
                batch = new ArrayList<>();
                cost = 0;
            }
            batch.add(job);
            cost += own;
        }
        return batch.isEmpty() ? null : store(batch, to);
    }

    /** Not if another may run this map by now: what it has stored may have ended and left nothing. */
    private @Nullable Outcome store(List<WorkflowJob> batch, int to) {
        if (run.isCancelled()) {
            return new Outcome.Cancelled("its workflow was cancelled");
        }
        if (run.isStopped() || !run.isLeaseValid()) {
            return new Outcome.Stopped(run.whyStopped() + " before element " + to + " of its list was stored");
        }
        List<WorkflowJob> jobs = List.copyOf(batch);
        StoreReply reply =
                Answers.of(broker.workflows().store(run.queue(), null, jobs), "to store the elements of a list");
        return reply.jobs().stream().anyMatch(each -> each.enqueued() == Enqueued.SUPERSEDED)
                ? new Outcome.Cancelled("its workflow was cancelled")
                : null;
    }

    /** Which of these elements have filled their places. */
    private BitSet ended(int from, int to) {
        BitSet ended = new BitSet();
        int at = from;
        while (at < to) {
            Optional<PlacePage> page = Answers.of(
                    broker.workflows().places(step.listQueue(), step.listJob(), at + 1, to - at),
                    "about the elements of a list");
            List<PlaceValue> values = page.map(PlacePage::values).orElse(List.of());
            if (values.isEmpty()) {
                return ended;
            }
            for (PlaceValue value : values) {
                ended.set(at - from, value.kind() != PlaceValue.Kind.EMPTY);
                at++;
            }
        }
        return ended;
    }
}
