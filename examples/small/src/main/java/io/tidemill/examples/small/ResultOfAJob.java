package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import java.time.Duration;

/** A job that returns a value, and whoever waits for it. */
public class ResultOfAJob {

    @Task
    public int add(int a, int b) {
        return a + b;
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue = TaskQueue.builder().tasks(new ResultOfAJob()).start()) {
            JobHandle<Integer> job = queue.enqueue(ResultOfAJob::add, 2, 3);

            System.out.println(job.await(Duration.ofSeconds(10))); // prints: 5
        }
    }
}
