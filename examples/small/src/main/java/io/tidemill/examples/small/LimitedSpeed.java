package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.queue.Limit;
import io.tidemill.task.Task;
import java.time.Duration;

/** A rate limit holds for all processes together: no more than so many starts per time. */
public class LimitedSpeed {

    @Task(queue = "api")
    public void ask(int question) {}

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new LimitedSpeed())
                .limit("api", Limit.rate(10, Duration.ofSeconds(1)).burst(1))
                .start()) {
            long began = System.nanoTime();
            queue.enqueue(LimitedSpeed::ask, 1);
            queue.enqueue(LimitedSpeed::ask, 2);
            JobHandle<Void> third = queue.enqueue(LimitedSpeed::ask, 3);

            third.await(Duration.ofSeconds(10));
            long took = System.nanoTime() - began;
            // The first starts at once, each of the others 100 ms after the one before.
            System.out.println(took >= Duration.ofMillis(190).toNanos()); // prints: true
        }
    }
}
