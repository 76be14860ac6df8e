package io.tidemill.metrics;

import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.queue.QueueCounts;
import io.tidemill.record.JobCodec;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What one queue held when it was last looked at.
 *
 * <p>Written by one thread, read by any.
 */
final class QueueDepth {

    private static final Map<String, ToLongFunction<QueueCounts>> STATES = Map.of(
            "ready", QueueCounts::ready,
            "scheduled", QueueCounts::scheduled,
            "waiting", QueueCounts::waiting,
            "active", QueueCounts::active,
            "dead", QueueCounts::dead,
            "succeeded", QueueCounts::kept);

    /**
     * What was found.
     *
     * @param oldestAgeMillis how long the first ready job has waited; 0 if there is none, NaN if that is not known
     * @param isPaused whether it was paused
     * @param workers how many serve it
     * @param overdueMillis how long ago a schedule should have fired that has not
     * @param heldNanos for how long each look has found jobs that limits hold back, up to this one
     * @param atNanos when
     */
    private record Reading(
            QueueCounts counts,
            double oldestAgeMillis,
            boolean isPaused,
            int workers,
            long overdueMillis,
            long heldNanos,
            long atNanos) {}

    /** Looked at in each part of a queue: among so few there is nearly always one that has not run yet. */
    private static final int FIRST_JOBS = 3;
    /** One that is due is listed before those that come later, unless a process holds it for some seconds. */
    private static final int FIRST_SCHEDULES = 20;

    private final String queue;
    private final Broker broker;
    private final Clock clock;
    private final long staleAfterNanos;
    private volatile @Nullable Reading last;

    /**
     * A queue that was not looked at yet.
     *
     * @param staleAfter how old a reading may be; an older one is not shown
     */
    QueueDepth(String queue, Broker broker, Clock clock, Duration staleAfter) {
        this.queue = queue;
        this.broker = broker;
        this.clock = clock;
        this.staleAfterNanos = staleAfter.toNanos();
    }

    void register(Registrar registrar) {
        STATES.forEach((state, count) -> registrar.gauge(
                QueueMeters.QUEUE_JOBS,
                () -> value(reading -> (double) count.applyAsLong(reading.counts())),
                queue,
                state));
        registrar.gauge(QueueMeters.QUEUE_OLDEST_AGE, () -> value(Reading::oldestAgeMillis), queue);
        if (hasLimits()) {
            registrar.gauge(
                    QueueMeters.LIMITS_HELD,
                    () -> value(reading -> (double) reading.counts().held()),
                    queue);
            registrar.gauge(QueueMeters.LIMITS_HELD_AGE, () -> value(reading -> reading.heldNanos() / 1e6), queue);
        }
        if (hasOperations()) {
            registrar.gauge(QueueMeters.QUEUE_PAUSED, () -> value(reading -> reading.isPaused() ? 1 : 0), queue);
            registrar.gauge(QueueMeters.QUEUE_WORKERS, () -> value(Reading::workers), queue);
        }
        if (hasSchedules()) {
            registrar.gauge(QueueMeters.SCHEDULES_OVERDUE, () -> value(Reading::overdueMillis), queue);
        }
    }

    private interface Value {

        double of(Reading reading);
    }

    private double value(Value value) {
        Reading reading = last;
        return reading == null || clock.nanos() - reading.atNanos() > staleAfterNanos ? Double.NaN : value.of(reading);
    }

    private boolean hasOperations() {
        return broker.abilities().contains(Ability.OPERATIONS);
    }

    private boolean hasLimits() {
        return broker.abilities().contains(Ability.LIMITS);
    }

    private boolean hasSchedules() {
        return broker.abilities().contains(Ability.SCHEDULES);
    }

    /** Asks the broker: five requests, and one more if there are schedules; fewer if it cannot answer all of them. */
    CompletableFuture<Answer> ask() {
        CompletableFuture<List<JobSnapshot>> first =
                Safely.ask(() -> broker.lists().next(queue, FIRST_JOBS));
        CompletableFuture<Boolean> paused = hasOperations()
                ? Safely.ask(() -> broker.operations().isPaused(queue))
                : CompletableFuture.completedFuture(false);
        CompletableFuture<Integer> workers = hasOperations()
                ? Safely.ask(() -> broker.operations().workers(queue)).thenApply(List::size)
                : CompletableFuture.completedFuture(0);
        CompletableFuture<Long> overdue =
                hasSchedules() ? Safely.ask(this::askOverdue) : CompletableFuture.completedFuture(0L);
        return Safely.ask(() -> broker.lists().counts(queue))
                .thenCombine(first, (counts, jobs) -> new Answer(this, counts, jobs, false, 0, 0))
                .thenCombine(paused, Answer::withPaused)
                .thenCombine(workers, Answer::withWorkers)
                .thenCombine(overdue, Answer::withOverdue);
    }

    /** By the clock of the broker, which is the one that schedules are due by. */
    private CompletableFuture<Long> askOverdue() {
        return broker.schedules().list(queue, 0, FIRST_SCHEDULES).thenCompose(listed -> {
            OptionalLong earliest = listed.stream()
                    .mapToLong(StoredSchedule::fireAtMillis)
                    .filter(fireAt -> fireAt != StoredSchedule.NEVER)
                    .min();
            return earliest.isEmpty()
                    ? CompletableFuture.completedFuture(0L)
                    : broker.schedules().nowMillis(queue).thenApply(now -> Math.max(0, now - earliest.getAsLong()));
        });
    }

    /** What the broker answered, to be taken over by the thread that asked: it may hold a large record. */
    record Answer(
            QueueDepth depth,
            QueueCounts counts,
            List<JobSnapshot> first,
            boolean isPaused,
            int workers,
            long overdueMillis) {

        Answer withPaused(boolean paused) {
            return new Answer(depth, counts, first, paused, workers, overdueMillis);
        }

        Answer withWorkers(int live) {
            return new Answer(depth, counts, first, isPaused, live, overdueMillis);
        }

        Answer withOverdue(long millis) {
            return new Answer(depth, counts, first, isPaused, workers, millis);
        }

        void take() {
            long now = depth.clock.nanos();
            depth.last = new Reading(
                    counts, oldestAge(), isPaused, workers, overdueMillis, counts.held() > 0 ? heldNanos(now) : 0, now);
        }

        /** After a time without answers it begins anew: nobody knows what was held back meanwhile. */
        private long heldNanos(long now) {
            Reading before = depth.last;
            if (before == null || before.counts().held() == 0 || now - before.atNanos() > depth.staleAfterNanos) {
                return 0;
            }
            return before.heldNanos() + now - before.atNanos();
        }

        /**
         * The first job may have been cancelled, and its place is still taken. And of one that has run before, as
         * before it was redriven, nobody knows since when it has been ready. Then the age is not known.
         */
        private double oldestAge() {
            if (counts.ready() == 0) {
                return 0;
            }
            return first.stream()
                    .filter(job -> job.attempt() == 0)
                    .mapToDouble(depth::age)
                    .filter(age -> !Double.isNaN(age))
                    .max()
                    .orElse(Double.NaN);
        }
    }

    private double age(JobSnapshot job) {
        byte[] body = job.body();
        try {
            return body == null
                    ? Double.NaN
                    : Math.max(0, clock.millis() - JobCodec.decode(body).readyAtMillis());
        } catch (RuntimeException unreadable) {
            return Double.NaN;
        }
    }
}
