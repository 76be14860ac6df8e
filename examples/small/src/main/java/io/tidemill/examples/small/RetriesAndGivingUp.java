package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobFailedException;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.io.IOException;
import java.time.Duration;

/** A task that fails is tried again; an error that no retry can help ends the job at once. */
public class RetriesAndGivingUp {

    @Task(retry = @Retry(maxAttempts = 5, delay = "10ms", giveUpOn = IllegalArgumentException.class))
    public String fetch(String address) throws IOException {
        if (address.isEmpty()) {
            throw new IllegalArgumentException("no address");
        }
        int attempt = TaskContext.current().attempt();
        if (attempt < 3) {
            throw new IOException("connection refused");
        }
        return address + " answered attempt " + attempt;
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue =
                TaskQueue.builder().tasks(new RetriesAndGivingUp()).start()) {
            System.out.println(queue.enqueue(RetriesAndGivingUp::fetch, "example.com")
                    .await(Duration.ofSeconds(10))); // prints: example.com answered attempt 3

            try {
                queue.enqueue(RetriesAndGivingUp::fetch, "").await(Duration.ofSeconds(10));
            } catch (JobFailedException e) {
                System.out.println(e.failure().message()); // prints: no address
            }
        }
    }
}
