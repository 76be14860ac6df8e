package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.Subscription;
import io.tidemill.event.WorkerEvent;
import io.tidemill.flow.Post;
import io.tidemill.flow.StepFailures;
import io.tidemill.flow.StepJobs;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.observe.Duty;
import io.tidemill.observe.Observers;
import io.tidemill.record.Answer;
import io.tidemill.record.Payloads;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.JobIds;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
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
 * the drain timeout if nothing runs any more and only the broker does not record how it ended.
 *
 * <p>Operators change it while it runs: {@link WorkerControl} says what they may ask. Long, because what they change
 * are the parts that it starts and stops.
 *
 * <p>Thread-safe.
 */
public final class Worker implements Service {

    private static final Logger log = LoggerFactory.getLogger(LogNames.WORKER);

    private static final Answer STOPS = Answer.refused("it stops");
    private static final long STOPPING_LOOK_NANOS = Duration.ofMillis(500).toNanos();

    private final Broker broker;
    private final WorkerOptions options;
    private final Clock clock;
    private final Observers observers;
    private final String id;
    private final Registration registration;
    /** Whether operators see it. */
    private final boolean isListed;

    private final Slots<Claimer> slots;
    private final Fetcher fetcher;
    private final LeaseKeeper leases;
    private final Watchdog watchdog;
    private final Map<String, QueueConsumer> consumers = new LinkedHashMap<>();
    private final Post post;
    private final Alarm changed;
    private final Map<String, TaskBinding> bindings;
    private final Executor executor;
    private final WorkerCommands commands;
    /** Held while an operator changes something. */
    private final ReentrantLock control = new ReentrantLock();

    private final List<Duty> duties = new ArrayList<>();
    private volatile boolean isQuiet;
    /** The queue in which an operator has asked it to stop; null if none has. */
    private final AtomicReference<@Nullable String> stopAskedIn = new AtomicReference<>();
    /**
     * When what runs is interrupted at the latest, although an operator's stop gives it longer; null if it may have
     * that.
     */
    private volatile @Nullable Long closeByNanos;

    private final AtomicBoolean closing = new AtomicBoolean();

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
            Payloads payloads,
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
        this.slots = new Slots<>(options.concurrency());
        observers.awaitingRuns().slots(options.concurrency());
        this.fetcher = new Fetcher(clock, "tidemill-fetch");
        this.leases = new LeaseKeeper(broker, observers, clock, options.lease(), "tidemill-lease");
        this.isListed = broker.abilities().contains(Ability.OPERATIONS);
        if (isListed) {
            this.registration.measure(() -> leases.runs().size(), leases::ended);
            this.registration.control(slots::total, () -> isQuiet, this::commanded);
            this.leases.eachRound(this::eachRound);
        }
        this.bindings = bindings;
        this.executor = executor;
        this.commands = new WorkerCommands(broker, id, clock, executor, queue -> new WorkerControl(this, queue));
        Finisher finisher = new Finisher(bindings, payloads, results, options, clock);
        this.leases.whenDropped(finisher::finishDropped);
        this.watchdog = new Watchdog(clock, options.interruptTimeout(), finisher::abandon, "tidemill-watchdog");
        List<RunInterceptor> around = new ArrayList<>(List.of(new LogContext(), new StartedEvents(observers)));
        around.addAll(interceptors);
        this.post = new Post(broker, new StepFailures(broker, new StepJobs(payloads), clock), observers, executor);
        StepRuns steps = new StepRuns(broker, new StepJobs(payloads), observers, clock);
        RunsInLine inLine = new RunsInLine(options, slots::total);
        Runner runner = new Runner(
                bindings,
                payloads,
                around,
                finisher,
                watchdog,
                steps,
                clock,
                options.maxResultBytes(),
                (task, ways) -> new Gatherer(task, inLine, clock, fetcher::later, ways));
        Noting noting = new Noting(broker, observers, payloads, watchdog, clock);
        QueueConsumer.Shared shared = new QueueConsumer.Shared(
                broker, clock, slots, leases, observers, post, executor, options, id, this::changed);
        for (String queue : options.queues()) {
            String name = id + ":" + (consumers.size() + 1);
            QueueConsumer consumer = new QueueConsumer(queue, name, shared, fetcher, run -> {
                run.notedBy(noting);
                runner.run(run);
            });
            Integer own = options.queueConcurrency().get(queue);
            if (own != null) {
                slots.limit(consumer.claimer(), own);
            }
            consumers.put(queue, consumer);
        }
        fetcher.serve(consumers.values().stream().map(QueueConsumer::claimer).toList());
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
        QueueConsumer consumer = consumers.get(queue);
        if (consumer != null) {
            // Here and not on the fetcher's thread: a claim is only sent, and each hop between threads costs latency.
            consumer.fetch();
        }
    }

    /** There are messages in this queue that steps of workflows have left for others: has them carried. */
    public void carry(String queue) {
        post.look(queue);
    }

    /** How many runs the watchdog looks after. */
    int watched() {
        return watchdog.size();
    }

    @Override
    public void start() {
        if (stopping.get() || !started.compareAndSet(false, true)) {
            return;
        }
        log.info(
                "worker {} serves queues {} with at most {} at once",
                id,
                consumers.keySet(),
                Texts.count(options.concurrency(), "job"));
        observers.gauge("slots.used", id, slots::inUse);
        observers.gauge("slots.total", id, slots::total);
        loops().forEach(observers::loop);
        duties.add(fetcher.claimed(options.pollInterval()));
        duties.add(leases.extended());
        leases.start();
        watchdog.start();
        Subscription listening = broker.listen(id, consumers.keySet(), new Hints());
        subscription = listening;
        duties.add(new Listening(listening));
        duties.forEach(observers::duty);
        fetcher.start();
    }

    private List<Loop> loops() {
        return List.of(fetcher.loop(), leases.loop(), watchdog.loop());
    }

    @Override
    public void stop() {
        boolean isFirst = closing.compareAndSet(false, true);
        if (stopping.compareAndSet(false, true)) {
            stopWithin(options.drainTimeout());
        } else if (isFirst) {
            joinAskedStop();
        } else {
            hurryUp();
        }
    }

    /** What runs has the time that it has at any close, if an operator's stop does not give it less. */
    private void joinAskedStop() {
        closeByNanos = clock.nanos() + options.drainTimeout().toNanos();
        changed.ring();
        awaitStopped();
    }

    private void hurryUp() {
        hurry = true;
        changed.ring();
        awaitStopped();
    }

    private void stopWithin(Duration grace) {
        try {
            if (started.get()) {
                takeNoMore();
                drain(grace);
            }
            fetcher.stop();
            watchdog.stop();
            leases.stop();
            if (started.get() && isListed) {
                registration.leave();
            }
        } finally {
            // A close waits for it.
            stopped.countDown();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Commands may wait for it in this queue. Does not block. */
    private void commanded(String queue) {
        if (isListed && broker.abilities().contains(Ability.CONTROL)) {
            commands.look(queue);
        }
    }

    private long eachRound() {
        long wait = registration.renew();
        String asked = stopAskedIn.get();
        if (asked == null) {
            return wait;
        }
        // It does not listen any more, and an operator may be in a hurry.
        commanded(asked);
        return Math.min(wait, STOPPING_LOOK_NANOS);
    }

    /** Claims nothing any more, or claims again. */
    Answer quiet(boolean value) {
        control.lock();
        try {
            if (stopping.get()) {
                return STOPS;
            }
            if (isQuiet == value) {
                return Answer.done();
            }
            isQuiet = value;
            consumers.values().forEach(consumer -> consumer.claimer().quiet(value));
        } finally {
            control.unlock();
        }
        Subscription listening = subscription;
        if (!value) {
            lookEverywhere();
        } else if (listening != null) {
            // Behind the claims that are in flight, which enter it among those that wait.
            Safely.run("leaving those that wait for jobs", listening::rest);
            if (!isQuiet) {
                // It was resumed meanwhile, and may have left after it had entered again.
                lookEverywhere();
            }
        }
        changedBy(value ? new WorkerEvent.Quieted(id) : new WorkerEvent.Resumed(id));
        return Answer.done();
    }

    /** Runs so many jobs at once from now on. */
    Answer resize(int jobs) {
        int before;
        control.lock();
        try {
            if (stopping.get()) {
                return STOPS;
            }
            before = slots.total();
            Claimer next = slots.resize(jobs);
            observers.awaitingRuns().slots(jobs);
            if (next != null) {
                fetcher.wake(next);
            }
            lookEverywhere();
        } finally {
            control.unlock();
        }
        changedBy(new WorkerEvent.Resized(id, before, jobs));
        return Answer.done();
    }

    /**
     * Begins to stop; in a second call, interrupts what runs. At a close that is under way the first changes nothing.
     */
    Answer stopAsked(String queue, Duration grace) {
        boolean isTaken = Safely.execute(executor, "stopping the worker", () -> stopAsAsked(queue, grace));
        return isTaken ? Answer.done() : Answer.refused("it has no thread to stop on");
    }

    private void stopAsAsked(String queue, Duration grace) {
        boolean isFirst = stopAskedIn.getAndSet(queue) == null;
        leases.loop().wake();
        if (stopping.compareAndSet(false, true)) {
            stopWithin(grace);
            observers.gone(loops(), duties);
            observers.publish(new WorkerEvent.Stopped(id));
        } else if (!isFirst) {
            hurryUp();
        }
    }

    /** What the thread of a job does. */
    Answer stack(String queue, String job) {
        return leases.runs().stream()
                .filter(run -> run.queue().equals(queue) && run.jobId().equals(job))
                .findFirst()
                .map(run -> Answer.done(RunningThread.described(run, run.onThread(), run.ran(clock.nanos()))))
                .orElseGet(() -> Answer.refused("it does not hold job " + job + " of queue " + queue + " now"));
    }

    /** Gives runs of a task that begin from now on another timeout; null for the declared one. */
    Answer timeout(String task, @Nullable Duration limit) {
        TaskBinding binding = bindings.get(task);
        if (binding == null) {
            return Answer.refused("it does not know task " + task);
        }
        binding.timeout(limit);
        changedBy(new WorkerEvent.TimeoutChanged(id, task, limit));
        return Answer.done();
    }

    private void lookEverywhere() {
        consumers.values().forEach(consumer -> fetcher.lookAt(consumer.claimer(), clock.nanos()));
    }

    private void changedBy(WorkerEvent event) {
        registration.changed();
        leases.loop().wake();
        observers.publish(event);
    }

    private void takeNoMore() {
        Subscription listening = subscription;
        if (listening != null) {
            Safely.run("closing the subscription", listening::close);
        }
        consumers.values().forEach(QueueConsumer::close);
        leases.runs().forEach(run -> run.stop(false));
    }

    private void drain(Duration grace) {
        if (!awaitIdle(grace, true)) {
            List<Run> held = leases.runs();
            log.info(
                    "still running or not recorded: {}; those that run are interrupted and go back",
                    Texts.count(held.size(), "job"));
            // Interrupted code needs time to return. A broker that did not answer for so long gets no more time.
            // Asked before the interrupt: a run that it ends at once has still to be recorded.
            boolean isUseful = hurry || held.stream().anyMatch(run -> !run.hasEnded());
            held.forEach(run -> run.stop(true));
            if (!isUseful) {
                held.forEach(this::warnOfAbandoned);
            } else if (!awaitIdle(options.interruptTimeout(), false)) {
                leases.runs().forEach(this::warnOfAbandoned);
            }
        }
    }

    private void warnOfAbandoned(Run run) {
        log.warn(
                "job {} of task {} {}, and is abandoned; others run it when its lease of {} ends",
                run.jobId(),
                run.task(),
                run.hasEnded()
                        ? "has ended, but the broker has not said that it is recorded"
                        : "did not return within " + Texts.duration(options.interruptTimeout())
                                + " of being interrupted",
                Texts.duration(options.lease()));
    }

    /** Waits until nothing runs and everything is recorded. An interrupt counts as being in a hurry. */
    private boolean awaitIdle(Duration timeout, boolean stopWhenHurried) {
        long deadline = clock.nanos() + timeout.toNanos();
        while (!isIdle()) {
            long rest = (stopWhenHurried ? earlier(deadline) : deadline) - clock.nanos();
            if (rest <= 0 || (hurry && stopWhenHurried)) {
                return false;
            }
            try {
                changed.await(rest);
            } catch (InterruptedException e) {
                // The thread is interrupted again at the end: until then interrupted code has its time to return.
                hurry = true;
                interrupted = true;
            }
        }
        return true;
    }

    private long earlier(long deadline) {
        Long closeBy = closeByNanos;
        return closeBy == null ? deadline : deadline + Math.min(0, closeBy - deadline);
    }

    private boolean isIdle() {
        // A completion that is to be sent again holds no slot and waits at no consumer, but its lease is still held.
        return slots.inUse() == 0
                && consumers.values().stream().allMatch(QueueConsumer::isIdle)
                && leases.runs().isEmpty();
    }

    private void changed() {
        if (stopping.get()) {
            changed.ring();
        }
    }

    /** An interrupt makes it hurry, and not return: whoever closes the broker next would lose what has just ended. */
    private void awaitStopped() {
        boolean isInterrupted = false;
        while (stopped.getCount() > 0) {
            try {
                stopped.await();
            } catch (InterruptedException e) {
                isInterrupted = true;
                hurry = true;
                changed.ring();
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The hints of the broker. Only wakes and sets flags; never blocks its thread. */
    private final class Hints implements BrokerListener {

        @Override
        public void ready(String queue) {
            look(queue);
        }

        @Override
        public @Nullable ClaimOffer offer(String queue, int jobs) {
            QueueConsumer consumer = consumers.get(queue);
            return consumer == null ? null : consumer.offer(jobs);
        }

        @Override
        public void finished(String queue, String jobId) {}

        @Override
        public void commanded(String queue) {
            Worker.this.commanded(queue);
        }

        @Override
        public void cancelRequested(String queue, String jobId) {
            leases.askIfCancelled(queue, jobId);
        }
    }
}
