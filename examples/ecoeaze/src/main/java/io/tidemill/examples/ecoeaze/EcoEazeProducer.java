package io.tidemill.examples.ecoeaze;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.examples.ecoeaze.images.ImageTasks;
import io.tidemill.examples.ecoeaze.images.OptimizedImage;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.examples.ecoeaze.mail.Receipt;
import io.tidemill.examples.ecoeaze.notifications.PushTasks;
import io.tidemill.examples.ecoeaze.reports.ReportTasks;
import io.tidemill.examples.ecoeaze.reports.SalesReport;
import io.tidemill.examples.ecoeaze.stock.StockTasks;
import java.time.Duration;
import java.time.YearMonth;
import java.util.List;

/**
 * What the web application calls: each method asks for a job and returns at once, with a handle for those who want to
 * wait. Thread-safe.
 */
public final class EcoEazeProducer {

    private final TaskQueue queue;

    /** Puts jobs into this queue. */
    public EcoEazeProducer(TaskQueue queue) {
        this.queue = queue;
    }

    /** Welcomes a new customer. */
    public JobHandle<Receipt> sendWelcomeEmail(String email, String name) {
        return queue.enqueue(
                MailTasks::sendEmail,
                email,
                "Welcome to EcoEaze, " + name,
                "Hello " + name + ",\n\ngood to have you! The farms near you are waiting.\n\nEcoEaze\n");
    }

    /** Sends a code for a new password. Somebody waits for it, so it goes before all other mail. */
    public JobHandle<Receipt> sendPasswordReset(String email, String code) {
        return queue.enqueue(
                call(MailTasks::sendEmail, email, "Your new password", "Your code is " + code + ".\n\nEcoEaze\n")
                        .priority(9));
    }

    /** Asks a customer how an order was, some time after it. */
    public JobHandle<Receipt> askForReview(String email, String product, Duration after) {
        return queue.enqueue(call(
                        MailTasks::sendEmail,
                        email,
                        "How was it?",
                        "How did you like \"" + product + "\"? Tell others.\n\nEcoEaze\n")
                .delay(after));
    }

    /** Tells a farmer if a product runs low. */
    public JobHandle<Boolean> notifyLowStock(String farmerId, String product, int stock, int threshold) {
        return queue.enqueue(StockTasks::lowStockAlert, farmerId, product, stock, threshold);
    }

    /** Has a farmer's sales of a month written to an Excel file. */
    public JobHandle<SalesReport> requestSalesReport(String farmerId, YearMonth month) {
        return queue.enqueue(ReportTasks::generateSalesReport, farmerId, month);
    }

    /** Has an uploaded photo made small enough for the web. */
    public JobHandle<OptimizedImage> optimizeProductImage(String productId, String file) {
        return queue.enqueue(ImageTasks::optimizeProductImage, productId, file);
    }

    /** Has thumbnails made of an uploaded photo. */
    public JobHandle<List<String>> generateThumbnails(String productId, String file) {
        return queue.enqueue(ImageTasks::generateImageThumbnails, productId, file);
    }

    /** Sends a notification to a user's devices. */
    public JobHandle<Long> notifyUser(String user, String title, String body) {
        return queue.enqueue(PushTasks::sendPushNotification, user, title, body);
    }
}
