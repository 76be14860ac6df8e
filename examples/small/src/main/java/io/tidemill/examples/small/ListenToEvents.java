package io.tidemill.examples.small;

import io.tidemill.TaskQueue;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.Task;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A listener hears what happens to jobs in this process. */
public class ListenToEvents {

    @Task
    public void clean() {}

    public static void main(String[] args) throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new ListenToEvents())
                .listener(event -> {
                    if (event instanceof QueueEvent.Succeeded succeeded) {
                        ended.add(succeeded.task() + " succeeded");
                    }
                })
                .start()) {
            queue.enqueue(ListenToEvents::clean);

            System.out.println(ended.poll(10, TimeUnit.SECONDS)); // prints: clean succeeded
        }
    }
}
