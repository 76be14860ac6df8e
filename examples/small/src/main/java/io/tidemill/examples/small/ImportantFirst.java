package io.tidemill.examples.small;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import java.time.Duration;

/** Of the jobs that wait, those of a higher priority start first. */
public class ImportantFirst {

    @Task(queue = "mail")
    public void send(String what) {
        System.out.println(what);
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue =
                TaskQueue.builder().tasks(new ImportantFirst()).concurrency(1).start()) {
            queue.admin().pause("mail");
            JobHandle<Void> last =
                    queue.enqueue(call(ImportantFirst::send, "newsletter").priority(1));
            queue.enqueue(ImportantFirst::send, "order confirmation"); // priority 4, if nothing is said
            queue.enqueue(call(ImportantFirst::send, "password reset").priority(9));
            queue.admin().resume("mail");

            last.await(Duration.ofSeconds(10));
            // prints: password reset
            // prints: order confirmation
            // prints: newsletter
        }
    }
}
