package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.admin.DeadFilter;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** A job that was given up is kept, with its reason and its arguments. Once the cause is gone it is sent back. */
public class DeadLetters {

    private final AtomicBoolean isServerUp = new AtomicBoolean();

    @Task(queue = "mail", retry = @Retry(maxAttempts = 1))
    public String send(String to) {
        if (!isServerUp.get()) {
            throw new IllegalStateException("the mail server is away");
        }
        return "sent to " + to;
    }

    public static void main(String[] args) throws Exception {
        DeadLetters tasks = new DeadLetters();
        try (TaskQueue queue = TaskQueue.builder().tasks(tasks).start()) {
            JobHandle<String> job = queue.enqueue(DeadLetters::send, "ada@example.com");
            try {
                job.await(Duration.ofSeconds(10));
            } catch (JobFailedException e) {
                System.out.println(
                        queue.admin().list("mail", JobState.DEAD, 0, 10).size()); // prints: 1
            }

            tasks.isServerUp.set(true);
            System.out.println(queue.admin().redriveAll("mail", DeadFilter.ALL)); // prints: 1
            System.out.println(job.await(Duration.ofSeconds(10))); // prints: sent to ada@example.com
        }
    }
}
