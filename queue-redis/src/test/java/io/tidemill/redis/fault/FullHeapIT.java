package io.tidemill.redis.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.Call;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.redis.RedisBroker;
import io.tidemill.test.redis.RedisServer;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that fill the heap of their process, in a process of its own. */
class FullHeapIT {

    private static final int JOBS = 8;
    private static final Duration LEASE = Duration.ofSeconds(2);
    /** A JVM with so small a heap starts slowly on a machine that is busy. */
    private static final Duration TO_START = Duration.ofSeconds(80);
    /** A collector that finds nothing to free is slow, and there are eight of these jobs. */
    private static final Duration TO_FILL = Duration.ofSeconds(80);

    @TempDir
    private Path folder;

    @Test
    void a_process_whose_heap_was_full_keeps_no_job_active_and_runs_others() throws Exception {
        File log = folder.resolve("worker.log").toFile();
        try (RedisServer server = RedisServer.start();
                TaskQueue queue = TaskQueue.builder()
                        .broker(RedisBroker.connect(server.uri()))
                        .start()) {
            Process worker = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx48m",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            FullHeapMain.class.getName(),
                            server.uri(),
                            Long.toString(LEASE.toMillis()))
                    .redirectErrorStream(true)
                    .redirectOutput(log)
                    .start();
            try {
                assertThat(small(queue, TO_START)).as("it is up; see %s", log).isEqualTo(1);
                List<JobHandle<Object>> filling = IntStream.range(0, JOBS)
                        .mapToObj(i -> queue.enqueue(Call.named("fill").queue(FullHeapMain.QUEUE)))
                        .toList();

                for (JobHandle<Object> job : filling) {
                    assertThatThrownBy(() -> job.await(TO_FILL)).isInstanceOf(JobFailedException.class);
                }
                assertThat(queue.admin().counts(FullHeapMain.QUEUE).dead()).isEqualTo(JOBS);
                assertThat(queue.admin().counts(FullHeapMain.QUEUE).active()).isZero();
                assertThat(small(queue, Duration.ofSeconds(30))).isEqualTo(1);
                assertThat(worker.isAlive()).isTrue();
            } finally {
                worker.destroyForcibly().waitFor();
            }
        }
    }

    private static Object small(TaskQueue queue, Duration patience) throws InterruptedException {
        return queue.enqueue(Call.named("small").queue(FullHeapMain.QUEUE)).await(patience);
    }
}
