package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Broker;
import io.tidemill.task.Task;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;

/**
 * What the {@link TaskQueueContract} needs: queues over the broker under test that are closed after the test, and tasks
 * of many shapes.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class TaskQueueHarness {

    static final Duration SOON = Duration.ofSeconds(20);

    private final List<TaskQueue> open = new ArrayList<>();
    final Recorder events = new Recorder();

    /**
     * A broker over the store of this test: each call gives a new one over the same jobs. Closing it keeps the store.
     */
    protected abstract Broker broker();

    @AfterEach
    void close() {
        open.forEach(TaskQueue::close);
    }

    TaskQueueBuilder builder(Object... tasks) {
        return TaskQueue.builder()
                .broker(broker())
                .tasks(tasks)
                .listener(events)
                .worker(WorkerOptions.defaults()
                        .withDrainTimeout(Duration.ofMillis(200))
                        .withInterruptTimeout(Duration.ofSeconds(5)));
    }

    TaskQueue start(TaskQueueBuilder builder) {
        TaskQueue queue = builder.start();
        open.add(queue);
        return queue;
    }

    TaskQueue queueWith(Object... tasks) {
        return start(builder(tasks));
    }

    /** A record as an argument and a result. */
    public record Line(String text, int number, Instant at) {}

    /** A task declared on an interface, as producers share it with workers. */
    public interface Greetings {
        @Task(name = "greet", queue = "greetings")
        String greet(String name);
    }

    /** Its implementation. */
    public static final class EnglishGreetings implements Greetings {
        @Override
        public String greet(String name) {
            return "Hello, " + name;
        }
    }

    /** Tasks of every shape. */
    public static class Shapes {
        @Task
        public String none() {
            return "none";
        }

        @Task
        public long add(int a, long b) {
            return a + b;
        }

        @Task
        public List<Line> lines(List<Line> lines, Map<String, Integer> numbers) {
            return lines.stream()
                    .map(line -> new Line(line.text(), numbers.getOrDefault(line.text(), -1), line.at()))
                    .toList();
        }

        @Task
        public String eight(String a, String b, String c, String d, String e, String f, String g, String h) {
            return a + b + c + d + e + f + g + h;
        }

        @Task
        public String describe(String value) {
            return "got " + value;
        }

        @Task
        public void silent(String value) {}
    }

    /** A task that records in which order its jobs run, one at a time, behind a gate. */
    public static class Ordered {
        final CountDownLatch gate = new CountDownLatch(1);
        final LinkedBlockingQueue<String> ran = new LinkedBlockingQueue<>();

        @Task
        public void first() throws InterruptedException {
            gate.await();
        }

        @Task
        public void run(String name) {
            ran.add(name);
        }

        List<String> take(int count) throws InterruptedException {
            List<String> taken = new ArrayList<>();
            while (taken.size() < count) {
                String next = ran.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("after %s", taken).isNotNull();
                taken.add(next);
            }
            return taken;
        }
    }
}
