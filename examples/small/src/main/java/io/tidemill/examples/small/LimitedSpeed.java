package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.queue.Limit;
import io.tidemill.task.Task;
import java.time.Duration;

/** A rate limit holds for all processes together: no more than so many starts per time. */
public class LimitedSpeed {

    @Task(queue = "api")
    public long ask(int question) {
        return System.nanoTime();
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new LimitedSpeed())
                .limit("api", Limit.rate(10, Duration.ofSeconds(1)).burst(1))
                .start()) {
            JobHandle<Long> first = queue.enqueue(LimitedSpeed::ask, 1);
            JobHandle<Long> second = queue.enqueue(LimitedSpeed::ask, 2);
            JobHandle<Long> third = queue.enqueue(LimitedSpeed::ask, 3);

            long span = third.await(Duration.ofSeconds(10)) - first.await(Duration.ofSeconds(10));
            second.await(Duration.ofSeconds(10));
            System.out.println(span >= Duration.ofMillis(150).toNanos()); // prints: true
        }
    }
}
