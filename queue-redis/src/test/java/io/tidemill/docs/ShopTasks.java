package io.tidemill.docs;

import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskSignal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** The tasks of docs/guide-workflows.md. */
public class ShopTasks {

    public record Order(long id, int items) {}

    public record Price(int cents) {}

    public record Hold(String shelf) {}

    public record Receipt(int cents, String shelf) {}

    final AtomicBoolean isBankAway = new AtomicBoolean();
    final List<String> released = new CopyOnWriteArrayList<>();
    final List<String> told = new CopyOnWriteArrayList<>();

    // region: workflow-tasks
    @Task(queue = "orders")
    public Order load(long id) {
        return new Order(id, 3);
    }

    @Task(queue = "orders")
    public Price price(Order order) {
        return new Price(order.items() * 500);
    }

    @Task(queue = "stock")
    public Hold reserve(Order order) {
        return new Hold("shelf " + order.id());
    }
    // endregion

    @Task(queue = "orders", retry = @Retry(maxAttempts = 1))
    public Receipt charge(Price price, Hold hold) {
        if (isBankAway.get()) {
            throw new TaskSignal.GiveUp("the bank is away");
        }
        return new Receipt(price.cents(), hold.shelf());
    }

    @Task(queue = "stock")
    public void release(Hold hold) {
        released.add(hold.shelf());
    }

    @Task(queue = "orders")
    public void tell(String text) {
        told.add(text);
    }

    @Task(queue = "orders")
    public Price discount(Price price, int percent) {
        return new Price(price.cents() * (100 - percent) / 100);
    }

    @Task(queue = "orders")
    public Price total(List<Price> prices) {
        return new Price(prices.stream().mapToInt(Price::cents).sum());
    }

    @Task(queue = "orders")
    public List<Long> ordersOf(String month) {
        return List.of(1L, 2L, 3L);
    }

    @Task(queue = "orders")
    public boolean isLarge(Price price) {
        return price.cents() > 10_000;
    }

    @Task(queue = "orders")
    public Price ask(Price price) {
        return price;
    }

    @Task(queue = "orders")
    public void archive(long id) {}
}
