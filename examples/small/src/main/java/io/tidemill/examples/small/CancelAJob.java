package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A job that runs is cancelled from outside: its code sees an interrupt. */
public class CancelAJob {

    private final CountDownLatch begun = new CountDownLatch(1);

    @Task
    public void waitForEver() throws InterruptedException {
        begun.countDown();
        new CountDownLatch(1).await();
    }

    public static void main(String[] args) throws Exception {
        CancelAJob tasks = new CancelAJob();
        try (TaskQueue queue = TaskQueue.builder().tasks(tasks).start()) {
            JobHandle<Void> job = queue.enqueue(CancelAJob::waitForEver);
            tasks.begun.await();

            job.cancel();

            try {
                job.await(Duration.ofSeconds(10));
            } catch (JobCancelledException e) {
                System.out.println("cancelled"); // prints: cancelled
            }
        }
    }
}
