package io.tidemill.worker;

import io.tidemill.task.WorkerOptions;
import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.Subscription;
import io.tidemill.observe.Observers;
import io.tidemill.lifecycle.Service;
import io.tidemill.message.PayloadCodec;
import io.tidemill.text.JobIds;
import io.tidemill.task.RunInterceptor;
import io.tidemill.text.Texts;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running half: serves some queues of a broker with the tasks that it has, at most {@code concurrency} jobs at
 * once.
 *
 * <p>A stop goes in steps: take no more jobs; give back what has not begun; let running jobs end; after the drain
 * timeout interrupt them, which costs them no attempt; after the interrupt timeout abandon those that still run, whose
 * jobs others run when the lease ends. Leases are kept alive until then. A second {@code stop} while the first waits
 * skips the waiting and interrupts at once. So it never takes longer than both timeouts together; and not longer than
 * the drain timeout if nothing runs any more and only the broker does not record what came of it.
 *
 * <p>Thread-safe.
 */
public final class Worker implements Service {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private final Broker broker;
    private final WorkerOptions options;
    private final Clock clock;
    private final Observers observers;
    private final String id;
    private final Registration registration;
    private final Slots slots;
    private final Fetcher fetcher;
    private final LeaseKeeper leases;
    private final Runner runner;
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final Alarm changed;

    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean hurry;
    /** Whether the stopping thread was interrupted. Confined to it. */
    private boolean interrupted;

    private volatile @Nullable Subscription subscription;

    /**
     * A worker that is not running yet.
     *
     * @param bindings the tasks that it has, by name
     * @param results where results are kept; null for beside the jobs
     * @param interceptors run around each execution of a task, the first is the outermost
     * @param executor starts each piece of user code at once, on a thread of its own
     */
    public Worker(
            Broker broker,
            Map<String, TaskBinding> bindings,
            WorkerOptions options,
            PayloadCodec codec,
            @Nullable ResultBackend results,
            Observers observers,
            List<RunInterceptor> interceptors,
            Clock clock,
            Executor executor) {
        this.broker = broker;
        this.options = options;
        this.clock = clock;
        this.observers = observers;
        this.id = new JobIds(clock::millis).next();
        this.registration = new Registration(broker, clock, id, options, bindings.keySet());
        this.changed = clock.alarm();
        this.slots = new Slots(options.concurrency());
        this.fetcher = new Fetcher(clock, "tidemill-fetch");
        this.leases = new LeaseKeeper(broker, clock, options.lease(), "tidemill-lease");
        this.leases.eachRound(registration::renew);
        this.runner = new Runner(bindings, codec, results, observers, interceptors, clock, options, "tidemill-watchdog");
        this.leases.rescueWith(runner::rescue);
        Lane.Shared shared =
                new Lane.Shared(broker, clock, slots, leases, observers, executor, options, id, this::changed);
        for (String queue : options.queues()) {
            String name = id + ":" + (lanes.size() + 1);
            lanes.put(queue, new Lane(queue, name, shared, fetcher, runner::run));
        }
        fetcher.serve(lanes.values());
    }

    /** Its id: random, made anew for each object. */
    public String id() {
        return id;
    }

    /** How many jobs it holds: running, or on their way to be recorded. */
    public int inUse() {
        return slots.inUse();
    }

    /** There may be jobs in this queue: looks at once if it serves it and has slots. Does not block. */
    public void look(String queue) {
        Lane lane = lanes.get(queue);
        if (lane != null) {
            // Here and not on the fetcher's thread: a claim is only sent, and each hop between threads costs latency.
            lane.fetch();
        }
    }

    /** How many runs the watchdog keeps an eye on. */
    int watched() {
        return runner.watchdog().size();
    }

    @Override
    public void start() {
        if (stopping.get() || !started.compareAndSet(false, true)) {
            return;
        }
        log.info(
                "worker {} serves queues {} with at most {} at once",
                id,
                lanes.keySet(),
                Texts.count(options.concurrency(), "job"));
        observers.gauge("slots.used", id, slots::inUse);
        observers.gauge("slots.total", id, options::concurrency);
        observers.loop(fetcher.loop());
        observers.loop(leases.loop());
        observers.loop(runner.watchdog().loop());
        leases.start();
        runner.watchdog().start();
        subscription = broker.listen(id, lanes.keySet(), new Hints());
        fetcher.start();
    }

    @Override
    public void stop() {
        if (!stopping.compareAndSet(false, true)) {
            hurry = true;
            changed.ring();
            awaitStopped();
            return;
        }
        if (started.get()) {
            takeNoMore();
            drain();
        }
        fetcher.stop();
        runner.watchdog().stop();
        leases.stop();
        if (started.get()) {
            registration.leave();
        }
        stopped.countDown();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeNoMore() {
        Subscription listening = subscription;
        if (listening != null) {
            Safely.run("closing the subscription", listening::close);
        }
        lanes.values().forEach(Lane::close);
        leases.attempts().forEach(attempt -> attempt.stop(false));
    }

    private void drain() {
        if (!awaitQuiet(options.drainTimeout(), true)) {
            List<Attempt> held = leases.attempts();
            log.info(
                    "still running or not recorded: {}; those that run are interrupted and go back",
                    Texts.count(held.size(), "job"));
            // Interrupted code needs time to return. A broker that did not answer for so long needs no more of it.
            // Asked before the interrupt: what it ends at once has still to be recorded.
            boolean isUseful = hurry || held.stream().anyMatch(attempt -> !attempt.hasEnded());
            held.forEach(attempt -> attempt.stop(true));
            if (!isUseful) {
                held.forEach(this::warnOfAbandoned);
            } else if (!awaitQuiet(options.interruptTimeout(), false)) {
                leases.attempts().forEach(this::warnOfAbandoned);
            }
        }
    }

    private void warnOfAbandoned(Attempt attempt) {
        log.warn(
                "job {} of task {} {}, and is abandoned; others run it when its lease of {} ends",
                attempt.jobId(),
                attempt.task(),
                attempt.hasEnded()
                        ? "has ended, but the broker has not said that it is recorded"
                        : "did not return within " + Texts.duration(options.interruptTimeout())
                                + " of being interrupted",
                Texts.duration(options.lease()));
    }

    /** Waits until nothing runs and everything is recorded. An interrupt counts as being in a hurry. */
    private boolean awaitQuiet(Duration timeout, boolean stopWhenHurried) {
        long deadline = clock.nanos() + timeout.toNanos();
        while (!isQuiet()) {
            long rest = deadline - clock.nanos();
            if (rest <= 0 || (hurry && stopWhenHurried)) {
                return false;
            }
            try {
                changed.await(rest);
            } catch (InterruptedException e) {
                // Told to the caller at the end: until then interrupted code has the time to return that it was
                // promised.
                hurry = true;
                interrupted = true;
            }
        }
        return true;
    }

    private boolean isQuiet() {
        // A completion that is to be sent again holds no slot and is in no lane, but its lease is still held.
        return slots.inUse() == 0
                && lanes.values().stream().allMatch(Lane::isIdle)
                && leases.attempts().isEmpty();
    }

    private void changed() {
        if (stopping.get()) {
            changed.ring();
        }
    }

    private void awaitStopped() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the broker tells. Only wakes and marks; never blocks its thread. */
    private final class Hints implements BrokerListener {

        @Override
        public void ready(String queue) {
            look(queue);
        }

        @Override
        public @Nullable ClaimOffer offer(String queue, int jobs) {
            Lane lane = lanes.get(queue);
            return lane == null ? null : lane.offer(jobs);
        }

        @Override
        public void finished(String queue, String jobId) {}

        @Override
        public void cancelRequested(String queue, String jobId) {
            leases.askIfCancelled(queue, jobId);
        }
    }
}
