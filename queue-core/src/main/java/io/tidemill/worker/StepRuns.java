package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Followers;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.PlaceValue;
import io.tidemill.broker.StoreReply;
import io.tidemill.broker.WorkflowJob;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.flow.StepJobs;
import io.tidemill.flow.StepRun;
import io.tidemill.plan.StepValue;
import io.tidemill.queue.Enqueued;
import io.tidemill.record.Job;
import io.tidemill.task.PayloadException;
import io.tidemill.time.Clock;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does for a job that is a step of a workflow, before and after the code of its task: reads the values
 * that it needs, decides whether it is run, and says what follows on it. Other jobs never come here.
 *
 * <p>Thread-safe.
 */
final class StepRuns {

    private static final int PAGE = Broker.MAX_BATCH;

    private final Broker broker;
    private final StepJobs jobs;
    private final Clock clock;

    StepRuns(Broker broker, StepJobs jobs, Clock clock) {
        this.broker = broker;
        this.jobs = jobs;
        this.clock = clock;
    }

    /** The step that this job is. */
    StepRun open(Job job, Run run) {
        StepRun step = Objects.requireNonNull(jobs.open(job, run.queue(), run.jobId()));
        run.isOf(step);
        return step;
    }

    /** The values of its places, in order; waits for the broker if they are there. */
    List<StepValue> values(StepRun step, Run run) {
        if (!step.hasPlaces()) {
            return step.carried();
        }
        List<StepValue> values = new ArrayList<>();
        int places;
        do {
            PlacePage page = page(run, values.size());
            page.values().forEach(each -> values.add(value(step, each)));
            places = page.places();
            if (page.values().isEmpty() && values.size() < places) {
                throw new PayloadException(
                        "the broker has " + values.size() + " of " + places + " values that this step waited for",
                        null);
            }
        } while (values.size() < places);
        return values;
    }

    private PlacePage page(Run run, int from) {
        Optional<PlacePage> page = Answers.of(
                broker.workflows().places(run.queue(), run.jobId(), from, PAGE), "about the values of a step");
        return page.orElseThrow(
                () -> new PayloadException("the broker does not have the values that this step waited for", null));
    }

    /** A place that is empty was to be filled within a time, and was not. */
    private static StepValue value(StepRun step, PlaceValue place) {
        return place.kind() == PlaceValue.Kind.FILLED ? step.filled(place.value()) : StepValue.Empty.SKIPPED;
    }

    /** What becomes of a step without any code of a task; null if its task is to be run. */
    @Nullable
    Outcome withoutCode(StepRun step, List<StepValue> values, Run run) {
        if (step.delayMillis() > 0 && run.attempt() == 1) {
            return new Outcome.Snoozed(Duration.ofMillis(step.delayMillis()));
        }
        if (step.isSkipped(values)) {
            return new Outcome.Returned(null, followers(run, StepValue.Empty.SKIPPED));
        }
        boolean hasCode = step.isCall() || step.isMap();
        return hasCode ? null : new Outcome.Returned(null, followers(run, step.collected(values)));
    }

    /**
     * Stores a job for each element of the list that a map takes. If it is done again, as after a lost lease, those that
     * are known are left out.
     *
     * @param type what the task takes
     */
    Outcome expand(StepRun step, List<StepValue> values, Type type, Run run) {
        List<StepValue> elements = step.elements(values, type);
        if (elements.size() > WorkflowJob.MAX_PLACES) {
            throw new PayloadException(
                    "its list has " + elements.size() + " elements, the limit is " + WorkflowJob.MAX_PLACES, null);
        }
        List<WorkflowJob> batch = new ArrayList<>();
        long cost = 0;
        for (int i = 0; i < elements.size(); i++) {
            WorkflowJob job = step.element(i, elements.get(i), clock.millis());
            long own = broker.cost(job.job());
            if (batch.size() == WorkflowStore.MAX_JOBS || (!batch.isEmpty() && cost + own > Broker.MAX_COST)) {
                if (!store(run, batch)) {
                    return new Outcome.Cancelled("its workflow was cancelled");
                }
                batch = new ArrayList<>();
                cost = 0;
            }
            batch.add(job);
            cost += own;
        }
        boolean isWhole = batch.isEmpty() || store(run, batch);
        return isWhole
                ? new Outcome.Returned(null, step.mapped(elements.size()))
                : new Outcome.Cancelled("its workflow was cancelled");
    }

    /** Returns false if nothing more is to be stored. */
    private boolean store(Run run, List<WorkflowJob> batch) {
        if (run.isCancelled()) {
            return false;
        }
        List<WorkflowJob> jobs = List.copyOf(batch);
        StoreReply reply =
                Answers.of(broker.workflows().store(run.queue(), null, jobs), "to store the elements of a list");
        return reply.jobs().stream().noneMatch(each -> each.enqueued() == Enqueued.SUPERSEDED);
    }

    /**
     * What follows on a run that gave this; null if its job is no step.
     *
     * @throws PayloadException if it is too large
     */
    @Nullable
    Followers followers(Run run, StepValue value) {
        StepRun step = run.step();
        try {
            return step == null ? null : step.followers(value, clock.millis());
        } catch (IllegalArgumentException e) {
            throw new PayloadException("what follows on it in its workflow cannot be stored: " + e.getMessage(), e);
        }
    }
}
