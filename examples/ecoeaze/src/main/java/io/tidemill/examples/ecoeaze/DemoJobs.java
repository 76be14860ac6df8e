package io.tidemill.examples.ecoeaze;

import io.tidemill.client.JobHandle;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.ecoeaze.demo.SamplePhotos.Photo;
import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.farm.Product;
import io.tidemill.examples.ecoeaze.images.OptimizedImage;
import io.tidemill.examples.ecoeaze.mail.Receipt;
import io.tidemill.examples.ecoeaze.reports.SalesReport;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A morning at the marketplace: everything that the demo asks for, with the handles of what was asked. */
final class DemoJobs {

    /** Whose mail server greylists, and so refuses the first two tries. */
    static final String GREYLISTED = "grete@slow-mail.example";

    /** Who gets the notifications. */
    static final String USER = "u-ada";

    static final Duration REVIEW_DELAY = Duration.ofMillis(1500);

    static final List<YearMonth> MONTHS = List.of(YearMonth.of(2025, 9), YearMonth.of(2025, 10));

    /** Names by address. */
    static final Map<String, String> CUSTOMERS = customers();

    static final List<String> NEWS = List.of(
            "Order packed", "Order on its way", "Order delivered", "New: Shishito peppers", "Market on Saturday");

    /**
     * A product whose stock changed.
     *
     * @param stock what is left; the farmer wants to be told below {@code threshold}
     */
    record Stock(String farmerId, String product, int stock, int threshold) {

        boolean isLow() {
            return stock < threshold;
        }
    }

    /** A report that was asked for. */
    record ReportRequest(Farmer farmer, YearMonth month) {}

    final Map<String, JobHandle<Receipt>> welcomes = new LinkedHashMap<>();
    final Map<Stock, JobHandle<Boolean>> alerts = new LinkedHashMap<>();
    final Map<ReportRequest, JobHandle<SalesReport>> reports = new LinkedHashMap<>();
    final Map<Photo, JobHandle<OptimizedImage>> images = new LinkedHashMap<>();
    final Map<Photo, JobHandle<List<String>>> thumbnails = new LinkedHashMap<>();
    final Map<String, JobHandle<Long>> news = new LinkedHashMap<>();
    /** When the review was asked for, by the log's clock. */
    final Duration reviewAskedAt;

    final JobHandle<Receipt> review;
    final JobHandle<Receipt> reset;

    /** Asks for all of it. What is asked for last, the password reset, is the most urgent. */
    DemoJobs(EcoEazeProducer producer, List<Photo> photos, JobLog log) {
        reviewAskedAt = log.elapsed();
        review = producer.askForReview("ada@customers.example", "Rosemary honey, 500 g", REVIEW_DELAY);
        CUSTOMERS.forEach((email, name) -> welcomes.put(email, producer.sendWelcomeEmail(email, name)));
        for (Stock stock : stocks()) {
            alerts.put(
                    stock,
                    producer.notifyLowStock(stock.farmerId(), stock.product(), stock.stock(), stock.threshold()));
        }
        for (Farmer farmer : Farmers.all()) {
            for (YearMonth month : MONTHS) {
                reports.put(new ReportRequest(farmer, month), producer.requestSalesReport(farmer.id(), month));
            }
        }
        for (Photo photo : photos) {
            images.put(photo, producer.optimizeProductImage(photo.productId(), photo.file()));
            if (!photo.broken()) {
                thumbnails.put(photo, producer.generateThumbnails(photo.productId(), photo.file()));
            }
        }
        NEWS.forEach(title -> news.put(title, producer.notifyUser(USER, title, "Open the app to read more.")));
        reset = producer.sendPasswordReset("emil@customers.example", "493 071");
    }

    /** The ids of everything that was asked for here; a low stock alert asks for more by itself. */
    List<String> ids() {
        List<JobHandle<?>> handles = new ArrayList<>(List.of(review, reset));
        List.of(welcomes, alerts, reports, images, thumbnails, news).forEach(some -> handles.addAll(some.values()));
        return handles.stream().map(JobHandle::id).toList();
    }

    private static Map<String, String> customers() {
        Map<String, String> customers = new LinkedHashMap<>();
        customers.put(GREYLISTED, "Grete");
        for (String name :
                List.of("Ada", "Björn", "Chiara", "Dmitri", "Emil", "Fatima", "Goran", "Ines", "Jun", "Kofi", "Léa")) {
            // Addresses are plain ASCII, names need not be
            String address = name.replace("ö", "oe").replace("é", "e").toLowerCase(Locale.ROOT);
            customers.put(address + "@customers.example", name);
        }
        return customers;
    }

    /** Of every three products two are nearly sold out. */
    private static List<Stock> stocks() {
        List<Stock> stocks = new ArrayList<>();
        for (Farmer farmer : Farmers.all()) {
            for (Product product : farmer.products().subList(0, 2)) {
                int stock = stocks.size() % 3 == 2 ? 40 : 3 + stocks.size();
                stocks.add(new Stock(farmer.id(), product.name(), stock, 10));
            }
        }
        return stocks;
    }
}
