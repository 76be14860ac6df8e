package io.tidemill.examples.ecoeaze.stock;

import static io.tidemill.client.Call.call;

import io.tidemill.client.TaskClient;
import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.Unique;
import java.time.Clock;
import java.time.LocalDate;
import java.util.OptionalInt;

/** Keeps the stock of the farms as large as it will be needed. */
public final class InventoryTasks {

    private static final int LOOK_BACK = 56;
    private static final int WEEK = 7;

    private final TaskClient queue;
    private final Inventory inventory;
    private final InventoryCache cache;
    private final Clock clock;

    /**
     * Watches this inventory.
     *
     * @param queue requests mails and views from it
     * @param clock says which day it is, in UTC
     */
    public InventoryTasks(TaskClient queue, Inventory inventory, InventoryCache cache, Clock clock) {
        this.queue = queue;
        this.inventory = inventory;
        this.cache = cache;
        this.clock = clock;
    }

    /**
     * Forecasts the sales of the next days from those of the last eight weeks.
     *
     * @param days how many, 1 to 28
     */
    @Task(
            name = "predict_demand",
            queue = "stock",
            timeout = "30s",
            retry = @Retry(giveUpOn = IllegalArgumentException.class))
    public Demand predictDemand(String product, int days) {
        if (days < 1 || days > 28) {
            throw new IllegalArgumentException("a forecast covers 1 to 28 days, not " + days);
        }
        LocalDate today = LocalDate.now(clock);
        double[] sales = inventory.sales(Farmers.product(product).id(), today.minusDays(LOOK_BACK), today.minusDays(1));
        return Demand.forecast(product, today, days, sales);
    }

    /**
     * Orders a product again if there is less of it than will probably be sold in a week, so that there is enough for
     * two. The farm delivers at once; it is told by mail what was booked.
     *
     * <p>The decision is made under the product's lock, so that two of these jobs do not order twice. Run again, the
     * job finds what it has booked and goes on from there.
     */
    @Task(
            name = "auto_reorder_stock",
            queue = "stock",
            timeout = "1m",
            retry = @Retry(giveUpOn = IllegalArgumentException.class))
    public Reorder autoReorderStock(String product) throws StockBusyException, InterruptedException {
        String job = TaskContext.current().jobId();
        Demand demand = predictDemand(product, 2 * WEEK);
        int quantity = book(product, job, demand);
        if (quantity > 0) {
            Farmer farmer = Farmers.ofProduct(product);
            String name = Farmers.product(product).name();
            queue.enqueue(call(
                            MailTasks::sendEmail,
                            farmer.email(),
                            "Ordered: " + name,
                            "Hello %s,\n\nwe have ordered %d of \"%s\".\n\nEcoEaze\n"
                                    .formatted(farmer.name(), quantity, name))
                    .id(job + ":mail"));
            requestView(queue, product);
        }
        return new Reorder(product, quantity, inventory.stock(product));
    }

    private int book(String product, String job, Demand demand) throws StockBusyException, InterruptedException {
        try (InventoryLock.Held lock = inventory.lock(product)) {
            OptionalInt booked = inventory.find(product, job);
            if (booked.isPresent()) {
                return booked.getAsInt();
            }
            int stock = inventory.stock(product);
            int quantity = stock < demand.over(WEEK) ? demand.over(2 * WEEK) - stock : 0;
            if (quantity > 0) {
                inventory.change(lock, quantity, job, clock.instant());
            }
            return quantity;
        }
    }

    /**
     * Makes what pages show of a product's stock. Under the product's lock, so that of two of these jobs the one that
     * read the older stock does not write last.
     */
    @Task(
            name = "update_inventory_cache",
            queue = "stock",
            timeout = "30s",
            retry = @Retry(giveUpOn = IllegalArgumentException.class))
    public StockView updateInventoryCache(String product) throws StockBusyException, InterruptedException {
        LocalDate today = LocalDate.now(clock);
        int nextWeek = predictDemand(product, WEEK).over(WEEK);
        try (InventoryLock.Held lock = inventory.lock(product)) {
            int soldToday = (int) inventory.sales(lock.product(), today, today)[0];
            StockView view = new StockView(product, inventory.stock(product), soldToday, nextWeek);
            cache.put(view);
            return view;
        }
    }

    /**
     * Requests that a product's view be made. One that has not begun yet will see this change, too, so there is never
     * more than one of them.
     */
    public static void requestView(TaskClient queue, String product) {
        queue.enqueue(
                call(InventoryTasks::updateInventoryCache, product).unique(Unique.untilStarted("view:" + product)));
    }
}
