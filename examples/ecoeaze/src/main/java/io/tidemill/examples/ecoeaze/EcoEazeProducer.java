package io.tidemill.examples.ecoeaze;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.examples.ecoeaze.behavior.BehaviorTasks;
import io.tidemill.examples.ecoeaze.behavior.EngagementReport;
import io.tidemill.examples.ecoeaze.campaigns.Campaign;
import io.tidemill.examples.ecoeaze.campaigns.CampaignTasks;
import io.tidemill.examples.ecoeaze.farm.CustomerOrder;
import io.tidemill.examples.ecoeaze.fraud.FraudTasks;
import io.tidemill.examples.ecoeaze.fraud.FraudVerdict;
import io.tidemill.examples.ecoeaze.images.Cleanup;
import io.tidemill.examples.ecoeaze.images.GalleryTasks;
import io.tidemill.examples.ecoeaze.images.ImageQuality;
import io.tidemill.examples.ecoeaze.images.ImageTasks;
import io.tidemill.examples.ecoeaze.images.OptimizedImage;
import io.tidemill.examples.ecoeaze.images.Upload;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.examples.ecoeaze.mail.Receipt;
import io.tidemill.examples.ecoeaze.notifications.PushTasks;
import io.tidemill.examples.ecoeaze.orders.OrderResult;
import io.tidemill.examples.ecoeaze.orders.OrderTasks;
import io.tidemill.examples.ecoeaze.recommendations.RecommendationTasks;
import io.tidemill.examples.ecoeaze.reports.ProfitLossReport;
import io.tidemill.examples.ecoeaze.reports.ReportTasks;
import io.tidemill.examples.ecoeaze.reports.SalesReport;
import io.tidemill.examples.ecoeaze.sms.SmsTasks;
import io.tidemill.examples.ecoeaze.stock.Demand;
import io.tidemill.examples.ecoeaze.stock.InventoryReport;
import io.tidemill.examples.ecoeaze.stock.InventoryReportTask;
import io.tidemill.examples.ecoeaze.stock.InventoryTasks;
import io.tidemill.examples.ecoeaze.stock.Reorder;
import io.tidemill.examples.ecoeaze.stock.StockTasks;
import io.tidemill.examples.ecoeaze.stock.StockView;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Schedules;
import io.tidemill.schedule.Timing;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the web application calls: each method asks for a job and returns at once, with a handle for those who want to
 * wait. Thread-safe.
 */
public final class EcoEazeProducer {

    private final TaskQueue queue;
    private final EcoEazeData data;

    /** Puts jobs into this queue; pages read what the tasks have written here. */
    public EcoEazeProducer(TaskQueue queue, EcoEazeData data) {
        this.queue = queue;
        this.data = data;
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

    /**
     * Has a farmer's profit or loss written to an Excel file.
     *
     * @param period {@code weekly}, {@code monthly}, {@code quarterly} or {@code yearly}: the last one that has ended
     */
    public JobHandle<ProfitLossReport> generateProfitLossReport(String farmerId, String period) {
        return queue.enqueue(ReportTasks::generateProfitLossReport, farmerId, period);
    }

    /** Has a farmer's stock and its movements written to an Excel file. */
    public JobHandle<InventoryReport> generateInventoryReport(String farmerId) {
        return queue.enqueue(InventoryReportTask::generateInventoryReport, farmerId);
    }

    /** Has what users did in the last days written to an Excel file. */
    public JobHandle<EngagementReport> generateEngagementReport(int days) {
        return queue.enqueue(BehaviorTasks::generateUserEngagementReport, days);
    }

    /** Sends a text message. */
    public JobHandle<String> sendSms(String phone, String text) {
        return queue.enqueue(SmsTasks::sendSms, phone, text);
    }

    /** Places an order. To place it again, with the same id, changes nothing. */
    public JobHandle<OrderResult> placeOrder(CustomerOrder order) {
        return queue.enqueue(call(OrderTasks::processOrder, order).id("order:" + order.id()));
    }

    /** The judgement of an order that was accepted. */
    public JobHandle<FraudVerdict> fraudVerdict(String orderId) {
        return queue.job(task(FraudTasks::detectFraud), orderId + ":fraud");
    }

    /** Has a product ordered again if it runs out soon. */
    public JobHandle<Reorder> reorderStock(String productId) {
        return queue.enqueue(InventoryTasks::autoReorderStock, productId);
    }

    /** Has the sales of a product forecast. */
    public JobHandle<Demand> predictDemand(String productId, int days) {
        return queue.enqueue(InventoryTasks::predictDemand, productId, days);
    }

    /** What is left of a product, as pages show it; empty if no task has looked for an hour. */
    public Optional<StockView> getCachedInventory(String productId) {
        return data.inventoryCache().find(productId);
    }

    /** Notes what a user did. */
    public JobHandle<Void> trackUserBehavior(String user, String action, Map<String, String> details) {
        return queue.enqueue(BehaviorTasks::trackUserBehavior, user, action, details);
    }

    /** Has recommendations made for a user. */
    public JobHandle<List<String>> recommend(String user) {
        return queue.enqueue(RecommendationTasks::generateRecommendations, user);
    }

    /** Sends a campaign, some time later. */
    public JobHandle<Integer> sendCampaign(Campaign campaign, Duration after) {
        return queue.enqueue(call(CampaignTasks::sendCampaign, campaign)
                .id("campaign:" + campaign.id())
                .delay(after));
    }

    /** Sends a campaign at a time that is weeks ahead, perhaps: it can be looked at, paused and removed until then. */
    public static void scheduleCampaign(Schedules schedules, Campaign campaign, Instant at) {
        schedules.put(
                Schedule.of("campaign:" + campaign.id(), Timing.once(at), call(CampaignTasks::sendCampaign, campaign)));
    }

    /** Has the farm's name written on photos. */
    public JobHandle<List<String>> watermark(String farmerId, List<Upload> uploads) {
        return queue.enqueue(GalleryTasks::watermarkProductImages, farmerId, uploads);
    }

    /** Has a photo judged. */
    public JobHandle<ImageQuality> analyzeQuality(String productId, String file) {
        return queue.enqueue(GalleryTasks::analyzeImageQuality, productId, file);
    }

    /** Has files removed that were left half written. */
    public JobHandle<Cleanup> cleanUpImages(Duration olderThan) {
        return queue.enqueue(GalleryTasks::cleanupOldImages, olderThan);
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
