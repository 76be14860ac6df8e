package io.tidemill.maintenance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.RecoverReply;
import io.tidemill.event.Events;
import io.tidemill.event.QueueEvent;
import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.message.Failure;
import io.tidemill.message.JobCodec;
import io.tidemill.task.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps queues: ends jobs that have not started in time and promotes delayed jobs that are due (claims do so too, this
 * is for queues that nobody claims from), and recovers jobs whose lease has ended, as after a crash. A sweep comes
 * every tenth of the lease time, between 100 ms and 3 s, give or take a quarter so that the processes do not sweep
 * together; a crashed worker's job is ready again that long after its lease ended at the latest. After an outage of the
 * broker nothing is recovered until every living holder has had the time to extend its leases.
 *
 * <p>Thread-safe.
 */
public final class Maintenance implements Service {

    private static final Logger log = LoggerFactory.getLogger(Maintenance.class);

    private static final Duration SHORTEST = Duration.ofMillis(100);
    /** Most calls of one sweep for one queue; the next sweep goes on. */
    private static final int MOST_ROUNDS = 100;

    private static final Duration LONGEST = Duration.ofSeconds(3);

    /** An answer that takes longer than this is taken for an outage. */
    private static final Duration SLOW = Duration.ofSeconds(1);

    private final Broker broker;
    private final Set<String> queues;
    private final int maxExpirations;
    private final Trimmer trimmer;
    private final Events events;
    private final Executor executor;
    private final Clock clock;
    private final long leaseNanos;
    private final long periodNanos;
    /** Queues whose sweep is not answered yet. */
    private final Set<String> sweeping = ConcurrentHashMap.newKeySet();

    private volatile long graceUntilNanos;
    private final Loop loop;

    /**
     * Sweeps these queues.
     *
     * @param lease how long leases last
     * @param maxExpirations how many ended leases a job survives
     * @param trimmer has its turn in each sweep
     * @param executor where listeners are told
     */
    public Maintenance(
            Broker broker,
            Set<String> queues,
            Duration lease,
            int maxExpirations,
            Trimmer trimmer,
            Events events,
            Clock clock,
            Executor executor) {
        this.broker = broker;
        this.queues = Set.copyOf(queues);
        this.maxExpirations = maxExpirations;
        this.trimmer = trimmer;
        this.events = events;
        this.executor = executor;
        this.clock = clock;
        this.leaseNanos = lease.toNanos();
        this.graceUntilNanos = clock.nanos();
        this.periodNanos = Math.max(SHORTEST.toNanos(), Math.min(LONGEST.toNanos(), lease.toNanos() / 10));
        this.loop = new Loop("tidemill-maintenance", clock, this::sweep);
    }

    @Override
    public void start() {
        loop.start();
    }

    @Override
    public void stop() {
        loop.stop();
    }

    private long sweep() {
        for (String queue : queues) {
            // A sweep that got no answer yet is not followed by another: they would all be done at once in the end.
            if (sweeping.add(queue)) {
                expire(queue, clock.nanos());
            }
        }
        trimmer.trimWhenDue();
        return (long) (periodNanos * ThreadLocalRandom.current().nextDouble(0.75, 1.0));
    }

    private void expire(String queue, long sentNanos) {
        whenDone(queue, "expire", broker.expire(queue, Broker.MAX_BATCH), ids -> {
            long now = clock.nanos();
            checkAnswerTime(sentNanos, now);
            if (!ids.isEmpty()) {
                log.info("queue {}: {} not started in time, expired", queue, Texts.count(ids.size(), "job"));
                executor.execute(() -> ids.forEach(id -> events.tell(new QueueEvent.Expired(queue, id, "?"))));
            }
            if (ids.size() == Broker.MAX_BATCH) {
                expire(queue, now);
            } else {
                promote(queue, now);
            }
        });
    }

    private void promote(String queue, long sentNanos) {
        whenDone(queue, "promote", broker.promote(queue, Broker.MAX_BATCH), moved -> {
            long now = clock.nanos();
            checkAnswerTime(sentNanos, now);
            if (moved == Broker.MAX_BATCH) {
                promote(queue, now);
            } else if (now - graceUntilNanos >= 0) {
                recover(queue, MOST_ROUNDS);
            } else {
                sweeping.remove(queue);
            }
        });
    }

    private void checkAnswerTime(long sentNanos, long now) {
        if (now - sentNanos > SLOW.toNanos()) {
            outageSeen(now);
        }
    }

    /**
     * The broker was away. Leases ran out meanwhile whose holders are alive and will extend them as soon as they can;
     * who recovered now would run all those jobs a second time and count it against them. So holders go first.
     */
    private void outageSeen(long now) {
        graceUntilNanos = now + leaseNanos / 3 + SLOW.toNanos();
    }

    private void recover(String queue, int rounds) {
        byte[] failure = JobCodec.encode(Failure.of(
                "LeaseEnded",
                "the lease on it ended more than " + Texts.count(maxExpirations, "time")
                        + " (maxExpirations): each time the worker that"
                        + " ran it crashed, was killed or froze; the job may be what kills it"));
        whenDone(queue, "recover", broker.recover(queue, Broker.MAX_BATCH, maxExpirations, failure), reply -> {
            tell(queue, reply);
            if (reply.more() && rounds > 1) {
                recover(queue, rounds - 1);
            } else {
                sweeping.remove(queue);
            }
        });
    }

    private void tell(String queue, RecoverReply reply) {
        if (reply.recovered().isEmpty() && reply.dead().isEmpty()) {
            return;
        }
        log.info(
                "queue {}: {} recovered, as the lease had ended; dead of it: {}",
                queue,
                Texts.count(reply.recovered().size() + reply.dead().size(), "job"),
                reply.dead().size());
        executor.execute(() -> {
            reply.recovered().forEach(id -> events.tell(new QueueEvent.Recovered(queue, id, "?")));
            reply.dead()
                    .forEach(id -> events.tell(new QueueEvent.Died(
                            queue,
                            id,
                            "?",
                            maxExpirations + 1,
                            "its lease ended more than " + Texts.count(maxExpirations, "time"))));
        });
    }

    private <V> void whenDone(String queue, String what, CompletableFuture<V> answer, Consumer<V> then) {
        answer.whenComplete((value, failure) -> {
            if (failure != null) {
                outageSeen(clock.nanos());
                sweeping.remove(queue);
                log.warn("queue {}: {} failed, tried again at the next sweep: {}", queue, what, failure.getMessage());
            } else {
                then.accept(value);
            }
        });
    }
}
