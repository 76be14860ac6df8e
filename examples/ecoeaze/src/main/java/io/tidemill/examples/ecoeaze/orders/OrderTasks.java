package io.tidemill.examples.ecoeaze.orders;

import static io.tidemill.client.Call.call;

import io.tidemill.client.TaskClient;
import io.tidemill.examples.ecoeaze.behavior.BehaviorTasks;
import io.tidemill.examples.ecoeaze.dashboard.DashboardTasks;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.fraud.FraudTasks;
import io.tidemill.examples.ecoeaze.recommendations.Purchases;
import io.tidemill.examples.ecoeaze.stock.Inventory;
import io.tidemill.examples.ecoeaze.stock.InventoryTasks;
import io.tidemill.examples.ecoeaze.stock.StockBusyException;
import io.tidemill.examples.ecoeaze.stock.StockTasks;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.util.Map;
import java.util.OptionalInt;

/** Takes orders. */
public final class OrderTasks {

    /** Below how many units the farmer is told. */
    static final int LOW = 10;

    private final TaskClient queue;
    private final Inventory inventory;
    private final Purchases purchases;

    /** Takes from this inventory, and requests from this queue what follows. */
    public OrderTasks(TaskClient queue, Inventory inventory, Purchases purchases) {
        this.queue = queue;
        this.inventory = inventory;
        this.purchases = purchases;
    }

    /**
     * Takes an order out of the stock, or refuses it if there is not enough. The order's id is the reference of the
     * change: run again, the job takes nothing more. What follows are jobs with ids made from the order's, so each
     * follows once.
     */
    @Task(
            name = "process_order",
            queue = "orders",
            timeout = "1m",
            retry = @Retry(delay = "250ms", giveUpOn = IllegalArgumentException.class))
    public OrderResult processOrder(CustomerOrder order) throws StockBusyException, InterruptedException {
        if (order.quantity() < 1) {
            throw new IllegalArgumentException("order " + order.id() + " is for " + order.quantity() + " units");
        }
        String product = Farmers.product(order.product()).id();
        OptionalInt left = inventory.change(product, -order.quantity(), order.id(), order.placedAt());
        if (left.isEmpty()) {
            return new OrderResult(order.id(), false, inventory.stock(product));
        }
        purchases.add(order.customer().id(), product);
        follow(order, left.getAsInt());
        return new OrderResult(order.id(), true, left.getAsInt());
    }

    private void follow(CustomerOrder order, int left) {
        queue.enqueue(call(FraudTasks::detectFraud, order).id(order.id() + ":fraud"));
        queue.enqueue(call(
                        BehaviorTasks::trackUserBehavior,
                        order.customer().id(),
                        "purchase",
                        Map.of("productId", order.product()))
                .id(order.id() + ":behavior"));
        InventoryTasks.requestView(queue, order.product());
        DashboardTasks.requestUpdate(queue);
        if (left < LOW) {
            queue.enqueue(call(
                            StockTasks::lowStockAlert,
                            Farmers.ofProduct(order.product()).id(),
                            Farmers.product(order.product()).name(),
                            left,
                            LOW)
                    .id(order.id() + ":low"));
        }
    }
}
