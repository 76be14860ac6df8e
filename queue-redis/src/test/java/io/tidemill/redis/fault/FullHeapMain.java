package io.tidemill.redis.fault;

import io.tidemill.TaskQueue;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.WorkerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A worker process with a small heap, whose tasks fill it. */
public final class FullHeapMain {

    static final String QUEUE = "heap";

    private static final int PIECE_BYTES = 16 << 10;

    private FullHeapMain() {}

    /** What fills the heap, and what shows that the process is well. */
    public static final class Tasks {

        /** Takes all there is in pieces, until one more is refused. */
        @Task(name = "fill", queue = QUEUE, retry = @Retry(maxAttempts = 2, delay = "10ms"))
        public int fill() {
            List<Object> all = new ArrayList<>();
            while (true) {
                all.add(new byte[PIECE_BYTES]);
            }
        }

        /** Needs nothing. */
        @Task(name = "small", queue = QUEUE)
        public int small() {
            return 1;
        }
    }

    /** Arguments: address of Redis, lease in ms. */
    public static void main(String[] arguments) throws Exception {
        TaskQueue queue = TaskQueue.builder()
                .broker(RedisBroker.connect(
                        arguments[0], RedisOptions.defaults().withConnectTimeout(Duration.ofSeconds(30))))
                .tasks(new Tasks())
                .worker(WorkerOptions.defaults()
                        .withConcurrency(4)
                        .withLease(Duration.ofMillis(Long.parseLong(arguments[1]))))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(queue::close));
        new CountDownLatch(1).await();
    }
}
