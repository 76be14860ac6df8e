package io.tidemill.conformance;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Broker;
import io.tidemill.client.Call;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;

/** What the {@link AdminContract} needs: workers and producers over the broker under test, and their tasks. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class AdminHarness {

    static final Duration SOON = Duration.ofSeconds(20);
    static final String QUEUE = "work";

    private final List<TaskQueue> open = new ArrayList<>();
    final Recorder events = new Recorder();
    final Work work = new Work();

    /** A broker over the store of this test, as for {@link TaskQueueContract#broker}. */
    protected abstract Broker broker();

    /** A task that waits, and two that fail. */
    public static final class Work {
        final CountDownLatch release = new CountDownLatch(1);
        volatile boolean isFixed;

        @Task(name = "hold", queue = QUEUE)
        public String hold() throws InterruptedException {
            release.await();
            return "done";
        }

        @Task(name = "bad_state", queue = QUEUE, retry = @Retry(maxAttempts = 1))
        public void badState() {
            if (!isFixed) {
                throw new IllegalStateException("broken");
            }
        }

        @Task(name = "bad_argument", queue = QUEUE, retry = @Retry(maxAttempts = 1))
        public void badArgument(int number) {
            if (!isFixed) {
                throw new IllegalArgumentException("not " + number);
            }
        }

        @Task(name = "kept", queue = QUEUE, keep = "1d")
        public String kept(int number) {
            return "kept " + number;
        }

        @Task(name = "brief", queue = QUEUE, keep = "1d", resultTtl = "1ms")
        public String brief() {
            return "soon forgotten";
        }

        @Task(name = "plain", queue = QUEUE)
        public void plain() {}
    }

    @AfterEach
    void close() {
        work.release.countDown();
        open.forEach(TaskQueue::close);
    }

    TaskQueue worker() {
        return worker(1);
    }

    TaskQueue worker(int concurrency) {
        return start(TaskQueue.builder()
                .broker(broker())
                .tasks(work)
                .listener(events)
                .worker(WorkerOptions.defaults()
                        .withConcurrency(concurrency)
                        .withPollInterval(Duration.ofMillis(50))
                        .withDrainTimeout(Duration.ofMillis(200))));
    }

    TaskQueue producer() {
        return start(TaskQueue.builder().broker(broker()));
    }

    TaskQueue start(TaskQueueBuilder builder) {
        TaskQueue queue = builder.start();
        open.add(queue);
        return queue;
    }

    static Call<Object> named(String task, Object... arguments) {
        return Call.named(task, arguments).queue(QUEUE);
    }

    /** Lets this many jobs of each failing task die. */
    TaskQueue withDead(int each) throws Exception {
        TaskQueue queue = worker(10);
        for (int i = 0; i < each; i++) {
            queue.enqueue(named("bad_state"));
            queue.enqueue(named("bad_argument", i));
        }
        events.await(QueueEvent.Died.class, 2 * each);
        return queue;
    }
}
