package io.tidemill.examples.small;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import java.time.Duration;

/** A job that starts later, with an id of its own: to ask for it twice is to ask for it once. */
public class LaterAndRepeatable {

    @Task
    public String remind(String who) {
        return "Do not forget, " + who;
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue =
                TaskQueue.builder().tasks(new LaterAndRepeatable()).start()) {
            Call<String> reminder = call(LaterAndRepeatable::remind, "Ada")
                    .delay(Duration.ofMillis(200))
                    .id("remind-ada");

            JobHandle<String> first = queue.enqueue(reminder);
            JobHandle<String> second = queue.enqueue(reminder);

            System.out.println(first.isNew() + " " + second.isNew()); // prints: true false
            System.out.println(second.await(Duration.ofSeconds(10))); // prints: Do not forget, Ada
        }
    }
}
