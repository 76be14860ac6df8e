package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.task.Task;
import io.tidemill.task.TaskSignal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Code that cannot go on yet gives its slot back and comes again later; that is no failure. */
public class WaitForAnotherService {

    private final AtomicInteger looks = new AtomicInteger();

    @Task
    public String collect(String report) {
        if (looks.incrementAndGet() < 3) {
            throw new TaskSignal.Snooze(Duration.ofMillis(20));
        }
        return report + " was ready at look " + looks.get();
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue =
                TaskQueue.builder().tasks(new WaitForAnotherService()).start()) {
            System.out.println(queue.enqueue(WaitForAnotherService::collect, "May")
                    .await(Duration.ofSeconds(10))); // prints: May was ready at look 3
        }
    }
}
