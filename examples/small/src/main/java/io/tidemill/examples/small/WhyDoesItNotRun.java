package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;

/** The queue itself says why a job does not run. */
public class WhyDoesItNotRun {

    @Task(queue = "mail")
    public void send(String to) {}

    public static void main(String[] args) {
        try (TaskQueue queue = TaskQueue.builder().tasks(new WhyDoesItNotRun()).start()) {
            queue.admin().pause("mail");
            JobHandle<Void> job = queue.enqueue(WhyDoesItNotRun::send, "ada@example.com");

            System.out.println(queue.admin().explain("mail", job.id()).text());
            // prints: its queue is paused; resume it
        }
    }
}
