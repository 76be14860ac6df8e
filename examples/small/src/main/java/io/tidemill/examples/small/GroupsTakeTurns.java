package io.tidemill.examples.small;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import java.time.Duration;

/** Jobs of one customer do not hold up those of another: groups take turns, one job each. */
public class GroupsTakeTurns {

    @Task(queue = "export", group = "{0}")
    public void export(String customer, int page) {
        System.out.println(customer + " " + page);
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue =
                TaskQueue.builder().tasks(new GroupsTakeTurns()).concurrency(1).start()) {
            queue.admin().pause("export");
            queue.enqueue(GroupsTakeTurns::export, "big", 1);
            queue.enqueue(GroupsTakeTurns::export, "big", 2);
            JobHandle<Void> last = queue.enqueue(call(GroupsTakeTurns::export, "big", 3));
            queue.enqueue(GroupsTakeTurns::export, "small", 1);
            queue.admin().resume("export");

            last.await(Duration.ofSeconds(10));
            // prints: big 1
            // prints: small 1
            // prints: big 2
            // prints: big 3
        }
    }
}
