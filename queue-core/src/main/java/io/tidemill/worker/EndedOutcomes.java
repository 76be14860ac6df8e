package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.JobOutcome;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.LoopService;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores how jobs ended, beside a broker that cannot look them up: every end that this process publishes. The result of
 * a run is not stored here, as it is stored before the run is recorded; that it is lost is stored here.
 *
 * <p>What the backend does not take is stored again after a second, until it takes it or the outcome would not be kept
 * any longer. At most 16 MiB are not stored yet; an outcome that comes when there are so many is lost. So is what is
 * not stored when the process has waited for it at its end. Each outcome that is lost is logged: whoever awaits such a
 * job waits until his own timeout.
 *
 * <p>Thread-safe.
 */
public final class EndedOutcomes implements QueueListener, LoopService {

    private static final Duration DEFAULT_TTL = Duration.ofHours(1);
    private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long MOST_BYTES = 16 << 20;
    /** About how many bytes an outcome takes without its failure. */
    private static final long BASE_BYTES = 500;
    /** A backend that does not answer for so long will probably not answer while this process ends. */
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);
    /** How often it is looked whether more events may come: nothing announces that none will. */
    private static final long LOOK_NANOS = Duration.ofMillis(10).toNanos();

    /** An outcome that is not stored yet. Without equality: a job may end twice, if it is redriven. */
    private static final class Unstored {

        private final String queue;
        private final JobOutcome outcome;
        /** When it would not be kept any longer. */
        private final long untilNanos;
        /** Whether another outcome of the job may be stored by now. Written only while nobody else has this. */
        private boolean isLate;
        /** When it is stored again. */
        private long atNanos;

        Unstored(String queue, JobOutcome outcome, long untilNanos) {
            this.queue = queue;
            this.outcome = outcome;
            this.untilNanos = untilNanos;
            this.isLate = outcome.resultLost();
        }

        long bytes() {
            byte[] failure = outcome.failure();
            return BASE_BYTES + (failure == null ? 0 : failure.length);
        }
    }

    private final Payloads payloads;
    private final ResultWriter writer;
    private final Map<String, TaskDefinition> tasks;
    private final Clock clock;
    private final BooleanSupplier mayMoreCome;
    private final Duration longestStop;
    private final Logger log;
    private final Loop loop;
    private final Alarm stored;
    /** Outcomes that are neither stored nor lost yet. Whoever takes one out has decided that it is one of the two. */
    private final Set<Unstored> unstored = ConcurrentHashMap.newKeySet();

    private final AtomicLong unstoredBytes = new AtomicLong();
    /** Those of them that are to be stored again, in the order of their times. Taken out by the loop only. */
    private final Queue<Unstored> waiting = new ConcurrentLinkedQueue<>();
    /** Whether the last outcome could not be stored. */
    private final AtomicBoolean isFailing = new AtomicBoolean();

    private volatile boolean isOver;

    /**
     * Stores outcomes of these tasks, by name, for as long as their results are kept.
     *
     * @param drainTimeout how long {@link #stop} may wait for what is not stored; never more than 5 s
     * @param mayMoreCome whether events are on their way here, for which {@link #stop} waits as well
     */
    public EndedOutcomes(
            ResultWriter writer,
            Payloads payloads,
            Map<String, TaskDefinition> tasks,
            Clock clock,
            Duration drainTimeout,
            BooleanSupplier mayMoreCome) {
        this(writer, payloads, tasks, clock, drainTimeout, mayMoreCome, LoggerFactory.getLogger(LogNames.JOB));
    }

    EndedOutcomes(
            ResultWriter writer,
            Payloads payloads,
            Map<String, TaskDefinition> tasks,
            Clock clock,
            Duration drainTimeout,
            BooleanSupplier mayMoreCome,
            Logger log) {
        this.payloads = payloads;
        this.writer = writer;
        this.tasks = Map.copyOf(tasks);
        this.clock = clock;
        this.longestStop = drainTimeout.compareTo(LONGEST_STOP) < 0 ? drainTimeout : LONGEST_STOP;
        this.mayMoreCome = mayMoreCome;
        this.log = log;
        this.stored = clock.alarm();
        this.loop = new Loop("tidemill-outcomes", clock, this::round);
    }

    /** The thread that stores again what could not be stored. */
    @Override
    public Loop loop() {
        return loop;
    }

    /** Waits until everything is stored, but not for long, and logs what is not. */
    @Override
    public void stop() {
        awaitStored();
        isOver = true;
        loop.stop();
        unstored.forEach(each -> lose(each, "the process stops"));
    }

    private void awaitStored() {
        long deadline = clock.nanos() + longestStop.toNanos();
        // Asked in this order: an event is among the outcomes before it stops counting as one that may come.
        while (mayMoreCome.getAsBoolean() || !unstored.isEmpty()) {
            long rest = deadline - clock.nanos();
            if (rest <= 0) {
                return;
            }
            try {
                stored.await(Math.min(rest, LOOK_NANOS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
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
        take(new Unstored(event.queue(), outcome, clock.nanos() + ttl.toNanos()));
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

    private void take(Unstored each) {
        unstored.add(each);
        if (unstoredBytes.addAndGet(each.bytes()) > MOST_BYTES) {
            lose(each, "16 MiB of other outcomes are not stored yet");
        } else {
            store(each);
        }
    }

    private void store(Unstored each) {
        Safely.ask(() -> each.isLate
                        ? writer.storeLate(each.queue, each.outcome)
                        : writer.store(each.queue, each.outcome))
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        takeOut(each);
                        if (isFailing.compareAndSet(true, false)) {
                            log.info("the result backend keeps how jobs ended again");
                        }
                    } else {
                        failed(each, Answers.message(failure));
                    }
                });
    }

    private boolean takeOut(Unstored each) {
        boolean isMine = unstored.remove(each);
        if (isMine) {
            unstoredBytes.addAndGet(-each.bytes());
            stored.ring();
        }
        return isMine;
    }

    private void failed(Unstored each, String why) {
        long now = clock.nanos();
        if (isOver || now - each.untilNanos >= 0) {
            lose(each, why);
            return;
        }
        if (isFailing.compareAndSet(false, true)) {
            log.warn(
                    "job {} of queue {}: how it ended could not be stored, tried again every {}, and whoever awaits it"
                            + " waits until then; logged once until it works again: {}",
                    each.outcome.id(),
                    each.queue,
                    Texts.duration(Duration.ofNanos(RETRY_NANOS)),
                    why);
        }
        each.isLate = true;
        each.atNanos = now + RETRY_NANOS;
        waiting.add(each);
        loop.wake();
    }

    private void lose(Unstored each, String why) {
        if (takeOut(each)) {
            log.error(
                    "job {} of queue {} has ended, but how could not be stored, and whoever awaits it is not answered:"
                            + " {}",
                    each.outcome.id(),
                    each.queue,
                    why);
        }
    }

    private long round() {
        long now = clock.nanos();
        Unstored first = waiting.peek();
        while (first != null && first.atNanos - now <= 0) {
            waiting.remove();
            store(first);
            first = waiting.peek();
        }
        return first == null ? Alarm.FOREVER : first.atNanos - now;
    }
}
