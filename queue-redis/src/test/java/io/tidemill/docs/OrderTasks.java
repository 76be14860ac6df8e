package io.tidemill.docs;

import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TypeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The tasks of docs/guide-steps.md. */
public class OrderTasks {

    /** What the outside world was asked to do. */
    final List<String> effects = new ArrayList<>();

    private String charge(String orderId) {
        effects.add("charge " + orderId);
        return "receipt of " + orderId;
    }

    private List<String> reserve(String orderId) {
        effects.add("reserve " + orderId);
        return List.of("lamp", "bulb");
    }

    private void ship(String orderId, List<String> items, String receipt) {
        effects.add("ship " + orderId + " " + items + " " + receipt);
    }

    private void index(long row) {
        effects.add("index " + row);
    }

    private void write(int page) {
        effects.add("page " + page);
    }

    private void remind(String orderId) {
        effects.add("remind " + orderId);
    }

    // region: steps
    @Task(queue = "orders")
    public void fulfil(String orderId) {
        TaskContext context = TaskContext.current();
        List<String> items = context.step("reserve", new TypeRef<List<String>>() {}, () -> reserve(orderId));
        String receipt = context.step("charge", String.class, () -> charge(orderId));
        context.step("ship", () -> ship(orderId, items, receipt));
    }
    // endregion

    // region: checkpoint
    @Task(queue = "orders")
    public void reindex(long rows) {
        TaskContext context = TaskContext.current();
        long from = context.lastCheckpoint(Long.class).orElse(0L);
        for (long row = from; row < rows; row++) {
            index(row);
            if (row % 100 == 99) {
                context.checkpoint(row + 1);
            }
        }
    }
    // endregion

    // region: progress
    @Task(queue = "orders")
    public String export(int pages) {
        TaskContext context = TaskContext.current();
        for (int page = 1; page <= pages; page++) {
            write(page);
            context.progress(100 * page / pages, "page " + page + " of " + pages);
            context.log("page " + page + " is written");
        }
        return "orders.csv";
    }
    // endregion

    // region: sleep
    @Task(queue = "orders")
    public void followUp(String orderId) {
        TaskContext context = TaskContext.current();
        context.step("welcome", () -> remind(orderId));
        context.sleep("three-days", Duration.ofDays(3));
        context.step("remind", () -> remind(orderId));
    }
    // endregion
}
