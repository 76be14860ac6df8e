package io.tidemill.maintenance;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Outages;
import io.tidemill.lifecycle.Service;
import io.tidemill.message.Failure;
import io.tidemill.observe.Duty;
import io.tidemill.observe.Observers;
import io.tidemill.observe.Pulse;
import io.tidemill.record.JobCodec;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps queues: ends jobs that have not started in time and promotes delayed jobs that are due (claims do so too, this
 * is for queues that nobody claims from), recovers jobs whose lease has ended, as after a crash, and forgets old dead
 * jobs. It also makes the worker look at queues with ready jobs, in case the broker's hint was lost.
 *
 * <p>One request surveys up to {@value Sweeps#MAX_SURVEY} queues, and more is done only for those that need it. So an
 * idle queue costs a small part of a request. Each queue is surveyed every tenth of the lease time, between 100 ms and
 * 3 s; a process that serves more than 1,500 queues takes 2 ms for each, 20 s for 10,000. Surveys come up to a quarter
 * early, so that the processes do not sweep together. A crashed worker's job is ready again that long after its lease
 * ended at the latest.
 *
 * <p>Queues of the broker that this process does not serve are surveyed too, {@value #UNSERVED_AT_ONCE} every 3 s,
 * since perhaps no other process does it. There it never declares a job dead and deletes no dead jobs: those limits are
 * settings of the processes that serve the queue.
 *
 * <p>After an outage of the broker, and when its clock was set ahead, nothing is recovered until every living holder
 * has had the time to extend its leases.
 *
 * <p>Thread-safe.
 */
public final class Maintenance implements Service {

    private static final Logger log = LoggerFactory.getLogger(LogNames.MAINTENANCE);

    private static final String SURVEY = "survey";
    private static final Duration SHORTEST = Duration.ofMillis(100);
    /**
     * Most jobs in one request. It is small, since each of them costs the broker more than a job that is only moved,
     * and it does not adapt: a queue where more is due is asked again at once, and one where less is due pays only for
     * what is found.
     */
    private static final int AT_ONCE = 250;

    /** Most requests of one sweep for one queue; the next sweep goes on. */
    private static final int MOST_ROUNDS = 100;

    private static final Duration LONGEST = Duration.ofSeconds(3);
    private static final long NANOS_PER_QUEUE = Duration.ofMillis(2).toNanos();

    /** Enough to find two or three queues of a slice whose keys are broken. */
    private static final int MOST_REFUSALS = 30;

    static final int UNSERVED_AT_ONCE = 100;
    /** As many as there may be: a job is never dead because of a process that does not run it. */
    private static final int UNSERVED_LOST_LEASES = 100;

    /** An answer that takes longer than this counts as an outage. */
    private static final Duration SLOW = Duration.ofSeconds(1);

    private final Sweeps sweeps;
    private final Set<String> served;
    private final List<List<String>> slices;
    private final UnservedQueues unserved;
    private final Consumer<String> ready;
    private volatile Consumer<String> outbox = queue -> {};
    private final int maxLostLeases;
    private final Trimmer trimmer;
    private final Observers observers;
    private final SweepReporter reporter;
    private final Clock clock;
    private final long leaseNanos;
    private final long periodNanos;
    /** Queues whose survey or sweep is not answered yet. */
    private final Set<String> sweeping = ConcurrentHashMap.newKeySet();

    /** Confined to the loop. */
    private int nextSlice;

    private long nextUnservedNanos;

    private volatile long graceUntilNanos;
    private final ClockWatch clocks;
    private final Outages outages;
    private final Pulse swept;
    private final Loop loop;

    /**
     * Sweeps these queues.
     *
     * @param lease how long leases last
     * @param maxLostLeases how many ended leases a job survives
     * @param trimmer removes old dead jobs
     * @param ready gets the name of each queue with jobs that are ready; must not block
     * @param executor where listeners run
     */
    public Maintenance(
            Broker broker,
            Set<String> queues,
            Duration lease,
            int maxLostLeases,
            Trimmer trimmer,
            Consumer<String> ready,
            Observers observers,
            Clock clock,
            Executor executor) {
        this.sweeps = broker.sweeps();
        this.served = Set.copyOf(queues);
        this.slices = slices(List.copyOf(served));
        this.unserved = new UnservedQueues(broker, clock, served);
        this.ready = ready;
        this.maxLostLeases = maxLostLeases;
        this.trimmer = trimmer;
        this.observers = observers;
        this.reporter = new SweepReporter(observers, executor);
        this.clock = clock;
        this.outages = observers.outages();
        this.leaseNanos = lease.toNanos();
        this.graceUntilNanos = clock.nanos();
        this.clocks = new ClockWatch(sweeps, served);
        this.nextUnservedNanos = clock.nanos() + LONGEST.toNanos();
        long period = Math.max(SHORTEST.toNanos(), Math.min(LONGEST.toNanos(), lease.toNanos() / 10));
        this.periodNanos = Math.max(period, served.size() * NANOS_PER_QUEUE);
        this.swept = new Pulse(
                "sweep",
                clock,
                Duty.allowed(Duration.ofNanos(periodNanos)),
                "no sweep was answered, so due jobs and jobs of lost workers may wait");
        this.loop = new Loop("tidemill-maintenance", clock, this::sweep);
    }

    /** Each queue with messages for other queues is given to this; it must not block. Said before the start. */
    public Maintenance carrying(Consumer<String> messages) {
        outbox = messages;
        return this;
    }

    @Override
    public void start() {
        observers.loop(loop);
        observers.duty(swept);
        loop.start();
    }

    @Override
    public void stop() {
        loop.stop();
    }

    /** Slices of about the same size, so that the work is spread evenly. */
    private static List<List<String>> slices(List<String> queues) {
        int count = (queues.size() + Sweeps.MAX_SURVEY - 1) / Sweeps.MAX_SURVEY;
        List<List<String>> slices = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            slices.add(queues.subList(queues.size() * i / count, queues.size() * (i + 1) / count));
        }
        return slices;
    }

    private long sweep() {
        if (!slices.isEmpty()) {
            List<String> slice = slices.get(nextSlice);
            nextSlice = (nextSlice + 1) % slices.size();
            Safely.run("a sweep", () -> survey(slice));
        }
        if (nextUnservedNanos - clock.nanos() <= 0) {
            nextUnservedNanos = clock.nanos() + LONGEST.toNanos();
            survey(unserved.next(UNSERVED_AT_ONCE));
        }
        double early = ThreadLocalRandom.current().nextDouble(0.75, 1.0);
        return (long) (early * periodNanos / Math.max(1, slices.size()));
    }

    private void survey(List<String> slice) {
        // A queue whose last sweep is not answered is left out: otherwise all its sweeps would be done at once in the
        // end.
        List<String> queues = slice.stream().filter(sweeping::add).toList();
        if (!queues.isEmpty()) {
            ask(queues, new AtomicInteger(MOST_REFUSALS));
        }
    }

    /** A request about a slice, or about a part of one that was refused, as long as the budget lasts. */
    private void ask(List<String> queues, AtomicInteger refusals) {
        long sentNanos = clock.nanos();
        observers.ask("survey", "", queues.size(), () -> sweeps.survey(queues)).whenComplete((found, failure) -> {
            if (failure == null) {
                swept.beat();
                surveyed(queues);
                checkAnswerTime(sentNanos, clock.nanos());
                lookAtClock(queues);
                for (int i = 0; i < queues.size(); i++) {
                    String queue = queues.get(i);
                    Survey survey = found.get(i);
                    step(queue, "survey", () -> attend(queue, survey));
                }
            } else if (Answers.isRefusal(failure) && queues.size() > 1 && refusals.getAndDecrement() > 0) {
                // One queue with broken keys must not keep the others from being swept.
                ask(queues.subList(0, queues.size() / 2), refusals);
                ask(queues.subList(queues.size() / 2, queues.size()), refusals);
            } else {
                boolean isOneOfMany = queues.size() == 1 && refusals.get() >= 0 && refusals.get() < MOST_REFUSALS;
                if (!isOneOfMany) {
                    outageSeen(clock.nanos());
                }
                queues.forEach(sweeping::remove);
                failed(queues.size() == 1 ? request(queues.get(0), SURVEY) : SURVEY, sentNanos, failure);
            }
        });
    }

    private void surveyed(List<String> queues) {
        if (outages.areKnown()) {
            outages.worked(SURVEY);
            queues.forEach(queue -> outages.worked(request(queue, SURVEY)));
        }
    }

    private void failed(String request, long sentNanos, Throwable failure) {
        outages.failed(
                request,
                sentNanos,
                !Answers.isUnanswered(failure),
                request + " failed, tried again at the next sweep: " + Answers.message(failure));
    }

    private static String request(String queue, String what) {
        return "queue " + queue + ": " + what;
    }

    private void attend(String queue, Survey found) {
        if (served.contains(queue)) {
            if (found.ready()) {
                ready.accept(queue);
            }
            if (found.dead()) {
                trimmer.trimWhenDue(queue);
            }
        }
        if (found.outbox()) {
            outbox.accept(queue);
        }
        if (found.due()) {
            expire(queue, clock.nanos());
        } else {
            sweeping.remove(queue);
        }
    }

    private void expire(String queue, long sentNanos) {
        whenDone(queue, "expire", () -> sweeps.expire(queue, AT_ONCE), List::size, late -> {
            long now = clock.nanos();
            checkAnswerTime(sentNanos, now);
            reporter.expired(queue, late);
            if (late.size() == AT_ONCE) {
                expire(queue, now);
            } else {
                promote(queue, now);
            }
        });
    }

    private void promote(String queue, long sentNanos) {
        whenDone(queue, "promote", () -> sweeps.promote(queue, AT_ONCE), moved -> moved, moved -> {
            long now = clock.nanos();
            checkAnswerTime(sentNanos, now);
            if (moved == AT_ONCE) {
                promote(queue, now);
            } else {
                recover(queue, MOST_ROUNDS);
            }
        });
    }

    private void checkAnswerTime(long sentNanos, long now) {
        if (now - sentNanos > SLOW.toNanos()) {
            outageSeen(now);
        }
    }

    /**
     * The broker was away. Meanwhile leases ended whose holders are alive and will extend them as soon as they can. To
     * recover now would run all those jobs a second time and count a lost lease for each. So holders go first.
     */
    private void outageSeen(long now) {
        graceUntilNanos = now + graceNanos();
    }

    private void lookAtClock(List<String> queues) {
        if (clocks.isSetAhead(queues)) {
            log.warn(
                    "the broker's clock was set ahead, so leases seem to have ended; they are recovered in {} if nobody"
                            + " extends them until then",
                    Texts.duration(Duration.ofNanos(graceNanos())));
            outageSeen(clock.nanos());
        }
    }

    /** Long enough for every living holder to extend its leases once. */
    private long graceNanos() {
        return leaseNanos / 3 + SLOW.toNanos();
    }

    private void recover(String queue, int rounds) {
        lookAtClock(List.of(queue));
        if (clock.nanos() - graceUntilNanos < 0) {
            sweeping.remove(queue);
            return;
        }
        int most = served.contains(queue) ? maxLostLeases : UNSERVED_LOST_LEASES;
        Failure failure = Failure.of(
                "LeaseEnded",
                "the lease on it ended more often than the limit of " + Texts.count(most, "time")
                        + " (maxLostLeases): each time the worker that ran it crashed, was killed or froze; the job"
                        + " may be what kills it");
        whenDone(
                queue,
                "recover",
                () -> sweeps.recover(queue, AT_ONCE, most, JobCodec.encode(failure)),
                reply -> reply.recovered().size() + reply.dead().size(),
                reply -> {
                    reporter.recovered(queue, reply, failure);
                    if (reply.more() && rounds > 1) {
                        recover(queue, rounds - 1);
                    } else {
                        sweeping.remove(queue);
                    }
                });
    }

    private <V> void whenDone(
            String queue,
            String what,
            Supplier<CompletableFuture<V>> request,
            ToIntFunction<? super V> found,
            Consumer<? super V> then) {
        long sentNanos = clock.nanos();
        observers.ask(what, queue, found, request).whenComplete((value, failure) -> {
            if (failure != null) {
                sweeping.remove(queue);
                // If all is refused, the next survey is, too.
                if (!Answers.isRefusal(failure)) {
                    outageSeen(clock.nanos());
                }
                failed(request(queue, what), sentNanos, failure);
            } else {
                swept.beat();
                outages.worked(request(queue, what));
                step(queue, what, () -> then.accept(value));
            }
        });
    }

    /** A part of a sweep. If it throws, this sweep of the queue has ended; the next one is not affected. */
    private void step(String queue, String what, Runnable step) {
        if (!Safely.run("queue " + queue + ": what follows on " + what, step)) {
            sweeping.remove(queue);
        }
    }
}
