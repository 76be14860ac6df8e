package io.tidemill.docs;

import io.tidemill.task.Task;
import java.util.List;
import java.util.function.LongConsumer;

/** A task that takes its time. */
public class ExportTasks {

    private final LongConsumer writer;

    public ExportTasks(LongConsumer writer) {
        this.writer = writer;
    }

    // region: be-interruptible
    @Task(queue = "exports", timeout = "10m")
    public int export(List<Long> orderIds) throws InterruptedException {
        for (long id : orderIds) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            writer.accept(id);
        }
        return orderIds.size();
    }
    // endregion
}
