package io.tidemill.redis.fault;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.queue.QueueCounts;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.Thorough;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Redis restarted, flushed of its scripts and cut off while jobs flow. */
@Tag(Thorough.TAG)
class RedisOutageIT {

    private static final int RESTARTS = Thorough.size(2, 3);
    /** Jobs that are stored and run while all connections are cut again and again. */
    private static final int CUT_OFF = Thorough.size(600, 3_000);

    /** Not so short that a lease of a busy machine ends, and a job runs twice for that. */
    private static final Duration LONG_LEASE = Duration.ofSeconds(10);

    private static final int STARTS = Thorough.size(15, 100);

    /** Remembers which jobs ran. */
    public static final class Counting {

        final ConcurrentHashMap<Integer, AtomicInteger> runs = new ConcurrentHashMap<>();

        @Task(name = "count", queue = "counted")
        public void count(int number) {
            runs.computeIfAbsent(number, n -> new AtomicInteger()).incrementAndGet();
        }
    }

    private static TaskQueue queue(RedisServer redis, Counting counting) {
        return queue(redis, counting, Duration.ofSeconds(2));
    }

    private static TaskQueue queue(RedisServer redis, Counting counting, Duration lease) {
        return TaskQueue.builder()
                .broker(RedisBroker.connect(redis.uri()))
                .tasks(counting)
                .concurrency(50)
                .lease(lease)
                .start();
    }

    @Test
    void a_restarted_redis_with_an_append_only_file_loses_nothing_that_was_acknowledged() throws Exception {
        Counting counting = new Counting();
        Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicInteger next = new AtomicInteger();
        AtomicBoolean producing = new AtomicBoolean(true);
        try (RedisServer redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
                TaskQueue queue = queue(redis, counting)) {
            Runnable produce = () -> {
                while (producing.get()) {
                    int number = next.incrementAndGet();
                    try {
                        queue.enqueue(Counting::count, number);
                        acknowledged.add(number);
                    } catch (BrokerException e) {
                        // Not acknowledged: it may run or not, and nothing was promised.
                    }
                }
            };
            Thread[] producers = new Thread[4];
            for (int i = 0; i < producers.length; i++) {
                producers[i] = new Thread(produce, "producer-" + i);
                producers[i].start();
            }
            for (int restart = 1; restart <= RESTARTS; restart++) {
                int more = acknowledged.size() + 500;
                Waits.until("500 more jobs are acknowledged", () -> acknowledged.size() >= more);
                redis.kill9();
                redis.restart();
            }
            int more = acknowledged.size() + 500;
            Waits.until("500 jobs are acknowledged after the last restart", () -> acknowledged.size() >= more);
            producing.set(false);
            for (Thread producer : producers) {
                producer.join(30_000);
            }
            Waits.until(
                    "every acknowledged job has run",
                    () -> counting.runs.keySet().containsAll(acknowledged));
            Waits.until("the queue is empty", () -> {
                QueueCounts counts = queue.admin().counts("counted");
                return counts.ready() + counts.active() + counts.scheduled() == 0;
            });
            assertThat(queue.admin().counts("counted").dead()).isZero();
        }
    }

    @Test
    void flushing_the_scripts_under_load_changes_nothing() throws Exception {
        Counting counting = new Counting();
        int count = 5_000;
        AtomicBoolean flushing = new AtomicBoolean(true);
        AtomicInteger flushes = new AtomicInteger();
        try (RedisServer redis = RedisServer.start();
                TaskQueue queue = queue(redis, counting, LONG_LEASE)) {
            RedisClient client = RedisClient.create(redis.uri());
            Thread flusher = new Thread(() -> {
                try (StatefulRedisConnection<String, String> connection = client.connect()) {
                    while (flushing.get()) {
                        connection.sync().scriptFlush();
                        flushes.incrementAndGet();
                    }
                }
            });
            flusher.start();
            Waits.until("scripts are flushed", () -> flushes.get() > 0);
            CompletableFuture<?>[] all = new CompletableFuture<?>[count];
            for (int i = 0; i < count; i++) {
                all[i] = queue.enqueueAsync(call(Counting::count, i));
            }
            CompletableFuture.allOf(all).join();
            Waits.until(
                    "all jobs have succeeded",
                    () -> queue.admin().counts("counted").succeeded() == count);
            flushing.set(false);
            flusher.join(30_000);
            client.shutdown();
            assertThat(counting.runs).hasSize(count);
            assertThat(counting.runs.values()).allMatch(runs -> runs.get() == 1);
        }
    }

    @Test
    void cutting_every_connection_again_and_again_loses_no_job() throws Exception {
        Counting counting = new Counting();
        int count = CUT_OFF;
        AtomicBoolean cutting = new AtomicBoolean(true);
        AtomicInteger cuts = new AtomicInteger();
        try (RedisServer redis = RedisServer.start();
                TaskQueue queue = queue(redis, counting, LONG_LEASE)) {
            RedisClient client = RedisClient.create(redis.uri());
            Thread cutter = new Thread(() -> {
                try (StatefulRedisConnection<String, String> connection = client.connect()) {
                    while (cutting.get()) {
                        int seen = counting.runs.size();
                        connection
                                .sync()
                                .clientKill(KillArgs.Builder.typeNormal().skipme(true));
                        connection.sync().clientKill(KillArgs.Builder.typePubsub());
                        cuts.incrementAndGet();
                        // The next cut comes when something has happened since this one.
                        Waits.until("jobs run again", () -> counting.runs.size() > seen || !cutting.get());
                    }
                }
            });
            cutter.start();
            Waits.until("connections are cut", () -> cuts.get() > 0);
            for (int i = 0; i < count; i++) {
                queue.enqueueAsync(call(Counting::count, i)).join();
            }
            Waits.until("all jobs have run", () -> counting.runs.size() == count);
            cutting.set(false);
            cutter.join(30_000);
            client.shutdown();
            Waits.until(
                    "all jobs have succeeded",
                    () -> queue.admin().counts("counted").succeeded() == count);
            assertThat(counting.runs.values()).allMatch(runs -> runs.get() == 1);
        }
    }

    @Test
    void starting_and_closing_again_and_again_leaves_no_connection() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            RedisClient client = RedisClient.create(redis.uri());
            try (StatefulRedisConnection<String, String> connection = client.connect()) {
                long before = connections(connection);
                for (int i = 0; i < STARTS; i++) {
                    try (TaskQueue queue = queue(redis, new Counting())) {
                        JobHandle<Void> job = queue.enqueue(Counting::count, i);
                        if (i % 10 == 0) {
                            job.await(Duration.ofSeconds(20));
                        }
                    }
                }
                Waits.until("all connections are closed", () -> connections(connection) == before);
            }
            client.shutdown();
        }
    }

    private static long connections(StatefulRedisConnection<String, String> connection) {
        return connection.sync().clientList().lines().count();
    }
}
