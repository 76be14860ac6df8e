package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.Awaited;
import io.tidemill.client.Call;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobExpiredException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.UnknownJobException;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A producer awaits jobs that a process runs whose classes it does not have. */
class AwaitAcrossProcessesIT {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int LARGE = 3 << 20;

    /** A worker. It ends when its input does: with the process of the test. */
    private static final String WORKER = """
        package com.acme;

        import io.tidemill.TaskQueue;
        import io.tidemill.redis.*;
        import io.tidemill.task.*;
        import java.time.Duration;

        public final class CardWorker {
            public record Receipt(String card, int cents) {}

            public static final class CardDeclined extends RuntimeException {
                CardDeclined(String message) { super(message); }
            }

            public static final class Tasks {
                @Task(queue = "cards", retry = @Retry(maxAttempts = 1))
                public Receipt charge(String card, int cents) {
                    if (card.isEmpty()) {
                        throw new CardDeclined("no card for " + cents);
                    }
                    return new Receipt(card, cents);
                }

                @Task(queue = "cards")
                public String large(int characters) { return "x".repeat(characters); }

                @Task(queue = "cards")
                public void hold() throws InterruptedException { Thread.currentThread().join(); }
            }

            public static void main(String[] arguments) throws Exception {
                RedisOptions options = RedisOptions.defaults().withConnectTimeout(Duration.ofSeconds(30));
                try (TaskQueue queue = TaskQueue.builder()
                        .broker(RedisBroker.connect(arguments[0], options))
                        .tasks(new Tasks())
                        .maxResultBytes(4 << 20)
                        .start()) {
                    System.in.read();
                }
                System.exit(0);
            }
        }
        """;

    @TempDir
    Path folder;

    private Process worker(RedisServer redis) throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Path source = Files.writeString(folder.resolve("CardWorker.java"), WORKER);
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-parameters",
                        "-cp",
                        classPath,
                        "-d",
                        folder.toString(),
                        source.toString());
        assertThat(compiled).isZero();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        folder + File.pathSeparator + classPath,
                        "com.acme.CardWorker",
                        redis.uri())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("worker.log").toFile())
                .start();
    }

    private static JobHandle<Object> charge(TaskQueue producer, String card, int cents) {
        return producer.enqueue(Call.named("charge", card, cents).queue("cards"));
    }

    @Test
    void every_end_of_a_job_is_seen_by_a_process_without_the_classes_of_the_worker() throws Exception {
        try (RedisServer redis = RedisServer.start();
                TaskQueue producer = TaskQueue.builder()
                        .broker(RedisBroker.connect(redis.uri()))
                        .start()) {
            JobHandle<Object> late = producer.enqueue(
                    Call.named("charge", "late", 1).queue("cards").expiresIn(Duration.ofMillis(1)));
            Instant before = Instant.now();
            Waits.until("its time is over", () -> Instant.now().isAfter(before.plusMillis(20)));
            JobHandle<Object> delayed = producer.enqueue(
                    Call.named("charge", "delayed", 1).queue("cards").delay(Duration.ofHours(1)));
            Process worker = worker(redis);
            try {
                JobHandle<Object> held = producer.enqueue(Call.named("hold").queue("cards"));
                Waits.until("it runs", () -> held.state().equals(Optional.of(JobState.ACTIVE)));
                held.cancel();
                JobHandle<Object> good = charge(producer, "4711", 250);
                JobHandle<Object> bad = charge(producer, "", 250);
                JobHandle<Object> large =
                        producer.enqueue(Call.named("large", LARGE).queue("cards"));
                JobHandle<Object> unknown = producer.job("cards", "no-such-job");

                List<Awaited<Object>> ends =
                        producer.awaitAll(List.of(good, bad, held, late, unknown, large), PATIENCE);

                assertThat(ends.get(0).result()).isEqualTo(Map.of("card", "4711", "cents", 250));
                assertThat(ends.get(1).exception().orElseThrow())
                        .isInstanceOfSatisfying(JobFailedException.class, failed -> {
                            assertThat(failed.failure().type()).isEqualTo("com.acme.CardWorker$CardDeclined");
                            assertThat(failed.failure().message()).isEqualTo("no card for 250");
                            assertThat(failed.failure().stack()).contains("CardWorker$Tasks.charge(CardWorker.java:");
                        });
                assertThat(ends.get(2).exception()).containsInstanceOf(JobCancelledException.class);
                assertThat(ends.get(3).exception()).containsInstanceOf(JobExpiredException.class);
                assertThat(ends.get(4).exception()).containsInstanceOf(UnknownJobException.class);
                assertThat(ends.get(5).result()).isEqualTo("x".repeat(LARGE));
                assertThatThrownBy(() -> delayed.await(Duration.ofMillis(1))).isInstanceOf(AwaitTimeoutException.class);
                assertThatThrownBy(() -> Class.forName("com.acme.CardWorker$CardDeclined"))
                        .isInstanceOf(ClassNotFoundException.class);
            } finally {
                worker.destroyForcibly().waitFor();
            }
        }
    }
}
