package io.tidemill.examples.ecoeaze.stock;

import static io.tidemill.client.Call.call;

import io.tidemill.client.TaskClient;
import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.examples.ecoeaze.notifications.PushTasks;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;

/** Watches over the stock of the farms. */
public final class StockTasks {

    private final TaskClient queue;

    /** Requests mails and notifications from this queue. */
    public StockTasks(TaskClient queue) {
        this.queue = queue;
    }

    /**
     * Tells a farmer by mail and notification that a product runs low.
     *
     * <p>It requests two jobs instead of doing the work here, so that a mail server that is down delays the mail alone.
     * The two have ids of their own, made from this job's: should this job run twice, they are known already and no
     * farmer is told twice.
     *
     * @return whether the stock is below the threshold and the farmer is being told
     */
    @Task(name = "low_stock_alert", queue = "stock", retry = @Retry(giveUpOn = IllegalArgumentException.class))
    public boolean lowStockAlert(String farmerId, String product, int stock, int threshold) {
        Farmer farmer = Farmers.find(farmerId);
        if (stock >= threshold) {
            return false;
        }
        String id = TaskContext.current().jobId();
        String title = "Low stock: " + product;
        queue.enqueue(call(MailTasks::sendEmail, farmer.email(), title, letter(farmer, product, stock, threshold))
                .id(id + ":mail"));
        queue.enqueue(call(PushTasks::sendPushNotification, farmer.id(), title, "Only " + stock + " left")
                .id(id + ":push"));
        return true;
    }

    private static String letter(Farmer farmer, String product, int stock, int threshold) {
        return """
                Hello %s,

                %s has only %d of "%s" left; you asked to be told below %d.

                EcoEaze
                """.formatted(farmer.name(), farmer.farm(), stock, product, threshold);
    }
}
