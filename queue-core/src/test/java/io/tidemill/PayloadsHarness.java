package io.tidemill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Queues that a test opens, and that end with it. */
abstract class PayloadsHarness {

    public record Order(long number, List<String> lines) {}

    static final Duration SOON = Duration.ofSeconds(20);

    final List<TaskQueue> open = new ArrayList<>();

    TaskQueue queue(Object... tasks) {
        TaskQueue queue = TaskQueue.builder().tasks(tasks).start();
        open.add(queue);
        return queue;
    }

    @AfterEach
    void close() {
        open.forEach(TaskQueue::close);
    }
}
