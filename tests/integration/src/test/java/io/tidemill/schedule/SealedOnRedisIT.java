package io.tidemill.schedule;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.message.SealKey;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.Retention;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * With a seal nothing of arguments, results and failures is ever written to Redis in clear. Reads its append-only file,
 * which has every write, also those of keys that are gone.
 */
class SealedOnRedisIT {

    private static final String SECRET = "4111-2222-3333";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Tasks whose arguments, results and failures hold the secret. */
    public static final class Cards {

        @Task(name = "charge")
        public String charge(String card) {
            return "charged " + card;
        }

        @Task(name = "refuse", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void refuse(String card) {
            throw new IllegalStateException("refused " + card, new IllegalArgumentException(card));
        }
    }

    @Test
    void nothing_that_users_put_into_jobs_is_ever_written_in_clear() throws Exception {
        try (RedisServer redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always")) {
            byte[] key = new byte[32];
            key[0] = 7;
            Recorder events = new Recorder();
            Scheduler scheduler = Scheduler.create();
            try (TaskQueue queue = queue(redis)
                    .tasks(new Cards())
                    .seal(AesGcmSeal.of(SealKey.of("k1", key)))
                    .acceptUnsealed(false)
                    .keep(new Retention(100, Duration.ofDays(1)))
                    .listener(events)
                    .install(scheduler)
                    .start()) {
                assertThat(queue.enqueue(Cards::charge, SECRET).await(PATIENCE)).isEqualTo("charged " + SECRET);
                queue.enqueueAll(List.of(call(Cards::charge, SECRET), call(Cards::charge, SECRET + "0")));
                PreparedJob pattern = PreparedJob.fromBytes(
                        queue.prepare(call(Cards::charge, SECRET)).toBytes());
                queue.enqueue(queue.prepareLike(pattern, "like")).await(PATIENCE);
                JobHandle<?> refused = queue.enqueue(Cards::refuse, SECRET);
                events.await(QueueEvent.Died.class, 1);
                assertThat(queue.admin().redrive("default", refused.id()).toString())
                        .isNotEmpty();
                events.await(QueueEvent.Died.class, 2);
                scheduler
                        .schedules()
                        .put(Schedule.of("nightly", Timing.every(Duration.ofDays(1)), call(Cards::charge, SECRET)));
                scheduler.schedules().triggerNow("nightly");
                events.await(QueueEvent.Succeeded.class, 5);
            }

            String written = written(redis);
            assertThat(written).contains("charge", "refuse", "nightly", "k1");
            assertThat(written).doesNotContain(SECRET, "charged ", "refused ", "IllegalState");

            // The search can find something: without a seal it does.
            try (TaskQueue clear = queue(redis).start()) {
                clear.enqueue(call(Cards::charge, SECRET));
            }
            assertThat(written(redis)).contains(SECRET);
        }
    }

    private static TaskQueueBuilder queue(RedisServer redis) {
        return TaskQueue.builder()
                .broker(RedisBroker.connect(
                        redis.uri(), RedisOptions.defaults().withConnectTimeout(Duration.ofMinutes(1))));
    }

    /** Everything that was written to Redis, as it keeps it. */
    private static String written(RedisServer redis) throws IOException {
        RedisClient client = RedisClient.create(redis.uri());
        try (StatefulRedisConnection<String, String> connection = client.connect();
                Stream<Path> files =
                        Files.walk(Path.of(connection.sync().configGet("dir").get("dir")))) {
            StringBuilder all = new StringBuilder();
            files.filter(file -> file.toString().endsWith(".aof")).forEach(file -> all.append(read(file)));
            return all.toString();
        } finally {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
