package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Task;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Callers whose stack ends below {@code enqueue}: nobody else waits for them. */
class EndOfStackIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int ROUNDS = 2;
    private static final int FRAMES = 20;
    /** A virtual thread moves its stack to the heap each time it waits, so its stack does not end. */
    private static final int MOST_CALLS = 1_000;

    private static RedisServer server;

    @BeforeAll
    static void start() {
        server = RedisServer.start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    public static final class Tasks {

        @Task
        public int one() {
            return 1;
        }

        /** Returns how often the stack ended. */
        @Task
        public int recurse() {
            try {
                return deeper(FRAMES, MOST_CALLS);
            } catch (StackOverflowError | BrokerException e) {
                return 1;
            }
        }

        /** Enqueues once in so many frames: the end is met at another place each time, after far fewer jobs. */
        private int deeper(int frames, int calls) {
            if (frames > 0) {
                return 1 + deeper(frames - 1, calls);
            }
            queue.enqueue(Tasks::one);
            return calls == 0 ? 1 : 1 + deeper(FRAMES, calls - 1);
        }

        private TaskQueue queue;
    }

    @Test
    void a_stack_that_ends_below_enqueue_holds_up_no_later_call() throws Exception {
        Tasks tasks = new Tasks();
        long closing;
        try (TaskQueue queue = TaskQueue.builder()
                .broker(RedisBroker.connect(server.uri()))
                .tasks(tasks)
                .start()) {
            tasks.queue = queue;
            AtomicInteger overflows = new AtomicInteger();
            for (int round = 0; round < ROUNDS; round++) {
                EndOfStack.reach(() -> queue.enqueue(Tasks::one), overflows);

                JobHandle<Integer> after = queue.enqueue(Tasks::one);
                assertThat(after.await(SOON)).isEqualTo(1);
            }
            assertThat(overflows).hasValue(ROUNDS);

            assertThat(queue.enqueue(Tasks::recurse).await(SOON)).isPositive();
            assertThat(queue.enqueue(Tasks::one).await(SOON)).isEqualTo(1);
            closing = System.nanoTime();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - closing))
                .as("closing waits for claims that are never answered")
                .isLessThan(SOON);
    }
}
