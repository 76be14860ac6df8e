package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.JobOutcome;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.message.Failure;
import io.tidemill.record.Payloads;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores how jobs ended, beside a broker that cannot look them up: every end that this process publishes. The result of
 * a run is not stored here, as it is stored before the run is recorded; that it is lost is stored here.
 *
 * <p>What the backend does not take is stored again after a second, until it takes it or the outcome would not be kept
 * any longer. At most 16 MiB wait for that; what comes then, and what waits when the process stops, is lost, which is
 * logged: whoever awaits such a job waits until his own timeout.
 *
 * <p>Thread-safe.
 */
public final class EndedOutcomes implements QueueListener, Service {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private static final Duration DEFAULT_TTL = Duration.ofHours(1);
    private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long MOST_BYTES = 16 << 20;
    /** About what an outcome takes beside its failure. */
    private static final long BASE_BYTES = 500;

    /** An outcome that is stored again at a time, and not after another. */
    private record Unstored(String queue, JobOutcome outcome, long atNanos, long untilNanos) {

        long bytes() {
            byte[] failure = outcome.failure();
            return BASE_BYTES + (failure == null ? 0 : failure.length);
        }
    }

    private final Payloads payloads;
    private final ResultWriter writer;
    private final Map<String, TaskDefinition> tasks;
    private final Clock clock;
    private final Loop loop;
    /** In the order of their times. Taken out by the loop only. */
    private final Queue<Unstored> unstored = new ConcurrentLinkedQueue<>();

    private final AtomicLong unstoredBytes = new AtomicLong();
    /** Whether the last outcome could not be stored. */
    private final AtomicBoolean isFailing = new AtomicBoolean();

    /** Stores outcomes of these tasks, by name, for as long as their results are kept. */
    public EndedOutcomes(ResultWriter writer, Payloads payloads, Map<String, TaskDefinition> tasks, Clock clock) {
        this.payloads = payloads;
        this.writer = writer;
        this.tasks = Map.copyOf(tasks);
        this.clock = clock;
        this.loop = new Loop("tidemill-outcomes", clock, this::round);
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void stop() {
        loop.stop();
        unstored.forEach(each -> logLost(each, "the process stops"));
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof JobEvent job && job.endState() != null) {
            ended(job, job.endState());
        }
    }

    private void ended(JobEvent event, JobState state) {
        TaskDefinition task = tasks.get(event.task());
        boolean isResultLost = event.run() != null && event.run().isResultLost();
        if (state == JobState.SUCCEEDED && keepsResult(task) && !isResultLost) {
            return;
        }
        Duration ttl = task == null || task.resultTtl().isZero() ? DEFAULT_TTL : task.resultTtl();
        JobOutcome outcome = isResultLost
                ? JobOutcome.resultLost(event.jobId(), event.attempt(), ttl.toMillis())
                : outcome(event, state, ttl.toMillis());
        long now = clock.nanos();
        store(new Unstored(event.queue(), outcome, now, now + ttl.toNanos()));
    }

    private static boolean keepsResult(@Nullable TaskDefinition task) {
        return task != null && task.hasResult() && !task.resultTtl().isZero();
    }

    private JobOutcome outcome(JobEvent event, JobState state, long ttlMillis) {
        if (state != JobState.DEAD) {
            return JobOutcome.ended(event.jobId(), state, event.attempt(), ttlMillis);
        }
        Failure failure = Objects.requireNonNull(event.failure());
        byte[] stored = payloads.failure(failure, event.queue(), event.task(), event.jobId());
        return JobOutcome.dead(event.jobId(), event.attempt(), stored, ttlMillis);
    }

    private void store(Unstored each) {
        Safely.ask(() -> writer.store(each.queue(), each.outcome())).whenComplete((done, failure) -> {
            if (failure == null) {
                if (isFailing.compareAndSet(true, false)) {
                    log.info("the result backend keeps how jobs ended again");
                }
            } else {
                failed(each, Answers.message(failure));
            }
        });
    }

    private void failed(Unstored each, String why) {
        long now = clock.nanos();
        if (now - each.untilNanos() >= 0 || unstoredBytes.get() > MOST_BYTES) {
            logLost(each, why);
            return;
        }
        if (isFailing.compareAndSet(false, true)) {
            log.warn(
                    "job {} of queue {}: how it ended could not be stored, tried again every {}, and whoever awaits it waits"
                            + " until then; logged once until it works again: {}",
                    each.outcome().id(),
                    each.queue(),
                    Texts.duration(Duration.ofNanos(RETRY_NANOS)),
                    why);
        }
        unstoredBytes.addAndGet(each.bytes());
        unstored.add(new Unstored(each.queue(), each.outcome(), now + RETRY_NANOS, each.untilNanos()));
        loop.wake();
    }

    private static void logLost(Unstored each, String why) {
        log.error(
                "job {} of queue {} has ended, but how could not be stored, and whoever awaits it is not answered: {}",
                each.outcome().id(),
                each.queue(),
                why);
    }

    private long round() {
        long now = clock.nanos();
        Unstored first = unstored.peek();
        while (first != null && first.atNanos() - now <= 0) {
            unstored.remove();
            unstoredBytes.addAndGet(-first.bytes());
            store(first);
            first = unstored.peek();
        }
        return first == null ? Alarm.FOREVER : first.atNanos() - now;
    }
}
