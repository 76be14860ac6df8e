package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Followers;
import io.tidemill.broker.PlacePage;
import io.tidemill.broker.PlaceValue;
import io.tidemill.flow.AddedStorage;
import io.tidemill.flow.Endings;
import io.tidemill.flow.StepJobs;
import io.tidemill.flow.StepRun;
import io.tidemill.flow.WorkflowStarter;
import io.tidemill.observe.Observers;
import io.tidemill.plan.Plan;
import io.tidemill.plan.StepValue;
import io.tidemill.record.Job;
import io.tidemill.task.PayloadException;
import io.tidemill.text.JobIds;
import io.tidemill.time.Clock;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a worker does for a job that is a step of a workflow, before and after the code of its task: reads the values
 * that it needs, decides whether it is run, and says what follows on it. Other jobs never come here.
 *
 * <p>Thread-safe.
 */
final class StepRuns {

    private static final int PAGE = Broker.MAX_BATCH;

    private static final long MOST_PAUSE_SECONDS = 60;

    /** Most bytes of all values together: they are in memory at once, as often as steps run at the same time. */
    private static final int MOST_BYTES = 16 << 20;

    private final Broker broker;
    private final StepJobs jobs;
    private final Endings endings;
    private final WorkflowStarter starter;
    private final AddedStorage added;
    private final Clock clock;

    StepRuns(Broker broker, StepJobs jobs, Observers observers, Clock clock) {
        this.broker = broker;
        this.jobs = jobs;
        this.endings = new Endings(broker, jobs, clock);
        JobIds ids = new JobIds(clock::millis);
        this.starter = new WorkflowStarter(broker, jobs, observers, ids, clock);
        this.added = new AddedStorage(broker, jobs, starter, ids);
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
        long bytes = 0;
        int places;
        do {
            PlacePage page = page(run, values.size());
            for (PlaceValue each : page.values()) {
                values.add(value(step, each));
                bytes += each.value().length;
            }
            if (bytes > MOST_BYTES) {
                throw new PayloadException(
                        "the values that this step takes have more than " + MOST_BYTES
                                + " bytes together; let the steps before give references to what is large",
                        null);
            }
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
        if (step.asksFirst() && endings.isOver(step)) {
            return new Outcome.Returned(null, followers(run, StepValue.Empty.SKIPPED));
        }
        long delay = step.delayMillis(values, clock.millis());
        if (delay > 0) {
            return new Outcome.Snoozed(Duration.ofMillis(delay));
        }
        if (step.isStart()) {
            starter.finish(step.workflow().id(), step.workflow().home(), run.jobId());
            return new Outcome.Returned(null, Followers.NONE);
        }
        if (step.isAdd()) {
            return storeAdded(step, run);
        }
        if (step.isWake()) {
            return endings.wake(step) ? new Outcome.Returned(null, Followers.NONE) : new Outcome.Snoozed(pause(run));
        }
        if (step.isEnding()) {
            return new Outcome.Returned(null, endings.followers(step, values));
        }
        List<StepValue> plain = plain(values);
        if (step.isSkipped(plain)) {
            return new Outcome.Returned(null, followers(run, StepValue.Empty.SKIPPED));
        }
        boolean hasCode = step.isCall() || step.isMap();
        return hasCode ? null : new Outcome.Returned(null, followers(run, step.collected(plain)));
    }

    /** Not if another may run this job by now: what it has stored may have ended and left nothing. */
    private Outcome storeAdded(StepRun step, Run run) {
        AtomicBoolean isWhole = new AtomicBoolean(true);
        Followers begin = added.store(step, () -> {
            if (!mayGoOn(run)) {
                // For good: a lease that ended may be extended by an answer that comes late.
                isWhole.set(false);
            }
            return isWhole.get();
        });
        return isWhole.get() && mayGoOn(run)
                ? new Outcome.Returned(null, begin)
                : new Outcome.Stopped(run.whyStopped());
    }

    private static boolean mayGoOn(Run run) {
        return !run.isCancelled() && !run.isStopped() && run.isLeaseValid();
    }

    /**
     * Some steps may begin to wait for a time after they were woken: not long at first, and longer from time to time.
     */
    private static Duration pause(Run run) {
        return Duration.ofSeconds(Math.min(MOST_PAUSE_SECONDS, 1L << Math.min(run.attempt() - 1, 6)));
    }

    /** The values without their times. */
    static List<StepValue> plain(List<StepValue> values) {
        return values.stream().map(StepValue::plain).toList();
    }

    /**
     * Stores a job for each element of the list that a map takes. If it is done again, as after a lost lease, those
     * that are known are left out.
     *
     * @param type what the task takes
     */
    Outcome expand(StepRun step, List<StepValue> values, Type type, Run run) {
        return new MapRun(broker, step, run, clock).store(step.elements(values, type));
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
            if (step == null) {
                return null;
            }
            List<Plan> plans = run.added();
            return plans.isEmpty()
                    ? step.followers(value, clock.millis())
                    : step.followers(value, plans, clock.millis());
        } catch (IllegalArgumentException e) {
            throw new PayloadException("what follows on it in its workflow cannot be stored: " + e.getMessage(), e);
        }
    }
}
