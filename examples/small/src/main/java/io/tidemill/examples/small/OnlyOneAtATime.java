package io.tidemill.examples.small;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import io.tidemill.task.Unique;
import java.time.Duration;

/** Of the jobs with one unique key only one is stored at a time; who asks again gets the handle of that one. */
public class OnlyOneAtATime {

    @Task(queue = "search")
    public String rebuildIndex() {
        return "rebuilt";
    }

    public static void main(String[] args) throws Exception {
        try (TaskQueue queue = TaskQueue.builder().tasks(new OnlyOneAtATime()).start()) {
            queue.admin().pause("search");
            JobHandle<String> first =
                    queue.enqueue(call(OnlyOneAtATime::rebuildIndex).unique(Unique.untilDone("index")));
            JobHandle<String> again =
                    queue.enqueue(call(OnlyOneAtATime::rebuildIndex).unique(Unique.untilDone("index")));
            queue.admin().resume("search");

            System.out.println(again.isNew()); // prints: false
            System.out.println(again.id().equals(first.id())); // prints: true
            System.out.println(again.await(Duration.ofSeconds(10))); // prints: rebuilt
        }
    }
}
