package io.tidemill.examples.ecoeaze;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.client.JobHandle;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.ecoeaze.DemoJobs.ReportRequest;
import io.tidemill.examples.ecoeaze.DemoJobs.Stock;
import io.tidemill.examples.ecoeaze.demo.Inbox;
import io.tidemill.examples.ecoeaze.demo.SamplePhotos.Photo;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.images.ImageCatalog;
import io.tidemill.examples.ecoeaze.images.ImageTasks;
import io.tidemill.examples.ecoeaze.images.OptimizedImage;
import io.tidemill.examples.ecoeaze.mail.Receipt;
import io.tidemill.examples.ecoeaze.notifications.Notification;
import io.tidemill.examples.ecoeaze.notifications.Notifications;
import io.tidemill.examples.ecoeaze.reports.Order;
import io.tidemill.examples.ecoeaze.reports.Orders;
import io.tidemill.examples.ecoeaze.reports.SalesReport;
import io.tidemill.message.Failure;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.jspecify.annotations.Nullable;

/** Looks at what the demo left behind, from the outside: opens files, reads mails, asks Redis. */
final class DemoChecks {

    private static final List<String> QUEUES =
            List.of("mail", "sms", "stock", "orders", "reports", "images", "notifications", "insight", "campaigns");

    private static final Duration SOON = Duration.ofSeconds(20);

    private final DemoJobs jobs;
    private final List<String> otherMails;
    private final JobLog log;
    private final Checks checks;

    DemoChecks(DemoJobs jobs, List<String> otherMails, JobLog log, Checks checks) {
        this.jobs = jobs;
        this.otherMails = otherMails;
        this.log = log;
        this.checks = checks;
    }

    /**
     * Makes every check.
     *
     * @param mails what arrived; empty if it cannot be known
     * @return the demo's dead letters
     */
    List<JobInfo> all(Settings settings, TaskQueue queue, Inbox inbox, Optional<List<MimeMessage>> mails) {
        RedisClient redis = RedisClient.create();
        try {
            Notifications notifications = new Notifications(open(redis, settings, RedisDb.NOTIFICATIONS));
            ImageCatalog catalog = new ImageCatalog(open(redis, settings, RedisDb.IMAGES));
            List<JobInfo> dead = findDead(queue);
            checks.section("dead letters", () -> deadLetters(queue, dead));
            checks.section("mails", () -> mails(mails));
            checks.section("receipts", this::receipts);
            checks.section("order", this::order);
            checks.section("alerts", () -> alerts(notifications));
            checks.section("reports", this::reports);
            checks.section("images", () -> images(catalog));
            checks.section("news", () -> news(inbox, notifications));
            checks.section("databases", () -> databases(redis, settings));
            return dead;
        } finally {
            redis.shutdown();
        }
    }

    /** Every mail arrived once, where it should and with what it should say. */
    private void mails(Optional<List<MimeMessage>> mails) throws MessagingException {
        if (mails.isEmpty()) {
            return;
        }
        List<String> expected = new ArrayList<>(otherMails);
        DemoJobs.CUSTOMERS.forEach((email, name) -> expected.add(email + ": Welcome to EcoEaze, " + name));
        lowStocks()
                .forEach(stock ->
                        expected.add(Farmers.find(stock.farmerId()).email() + ": Low stock: " + stock.product()));
        expected.add("ada@customers.example: How was it?");
        expected.add("emil@customers.example: Your new password");
        List<String> arrived = new ArrayList<>();
        for (MimeMessage mail : mails.get()) {
            arrived.add(mail.getAllRecipients()[0] + ": " + mail.getSubject());
        }
        checks.equal(
                "mails",
                expected.stream().sorted().toList(),
                arrived.stream().sorted().toList());
    }

    /** Receipts name the mail, and the greylisted one took three tries in the right order. */
    private void receipts() throws InterruptedException {
        for (JobHandle<?> welcome : jobs.welcomes.values()) {
            checks.equal(
                    "state of " + welcome.id(),
                    JobState.SUCCEEDED,
                    welcome.state().orElse(null));
        }
        String id = greylisted().id();
        checks.equal(
                "Message-ID",
                "<" + id + "@ecoeaze.example>",
                greylisted().await(SOON).messageId());
        checks.equal(
                "way of the greylisted mail",
                List.of("Enqueued", "Started", "Retrying", "Started", "Retrying", "Started", "Succeeded"),
                way(id));
    }

    /** The urgent mail overtook the others, and the late one waited. */
    private void order() {
        Duration taken = log.takenAt(jobs.reset.id()).orElseThrow();
        long earlier = jobs.welcomes.values().stream()
                .flatMap(welcome -> log.takenAt(welcome.id()).stream())
                .filter(other -> other.compareTo(taken) < 0)
                .count();
        checks.that(
                "the urgent mail, asked for last, was among the first to be taken",
                earlier < EcoEazeWorker.CONCURRENCY,
                earlier + " others were taken before it");
        JobLog.Entry began = log.of(jobs.review.id()).get(1);
        Duration waited = began.at().minus(jobs.reviewAskedAt);
        checks.that(
                "the delayed mail waited " + DemoJobs.REVIEW_DELAY.toMillis() + " ms",
                // Redis has a clock of its own, which counts whole milliseconds
                waited.plusMillis(20).compareTo(DemoJobs.REVIEW_DELAY) >= 0,
                "it started after " + waited.toMillis() + " ms");
    }

    /** Farmers are told exactly when stock is low, by mail and by notification. */
    private void alerts(Notifications notifications) throws InterruptedException {
        for (Map.Entry<Stock, JobHandle<Boolean>> alert : jobs.alerts.entrySet()) {
            Stock stock = alert.getKey();
            String id = alert.getValue().id();
            checks.equal("alert for " + stock, stock.isLow(), alert.getValue().await(SOON));
            checks.equal(
                    "mail job of the alert for " + stock,
                    stock.isLow(),
                    !log.of(id + ":mail").isEmpty());
            List<Notification> told = notifications.history(stock.farmerId()).stream()
                    .filter(notification -> notification.id().equals(id + ":push"))
                    .toList();
            checks.equal("notifications of " + stock, stock.isLow() ? 1 : 0, told.size());
        }
    }

    /** Each report opens and adds up to what the orders add up to. */
    private void reports() throws InterruptedException, IOException {
        for (Map.Entry<ReportRequest, JobHandle<SalesReport>> each : jobs.reports.entrySet()) {
            SalesReport report = each.getValue().await(SOON);
            List<Order> orders = Orders.of(each.getKey().farmer(), each.getKey().month());
            BigDecimal total = orders.stream().map(Order::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
            checks.equal("rows of " + report.path(), orders.size(), report.rows());
            checks.equal("total of " + report.path(), total, report.total());
            List<Row> products = read(report.path(), 0);
            List<Row> lines = read(report.path(), 1);
            checks.equal("orders in the file", orders.size(), lines.size() - 1);
            checks.equal("total in the file", total, euros(products.get(products.size() - 1), 3));
            checks.equal("sum of its products", total, sum(products.subList(2, products.size() - 1), 3));
            checks.equal("sum of its orders", total, sum(lines.subList(1, lines.size()), 5));
        }
    }

    /** Every good photo became a smaller JPEG and three thumbnails of its own shape and format. */
    private void images(ImageCatalog catalog) throws InterruptedException, IOException {
        for (Map.Entry<Photo, JobHandle<List<String>>> each : jobs.thumbnails.entrySet()) {
            Photo photo = each.getKey();
            OptimizedImage image = optimized(photo).await(SOON);
            size(photo, image.path(), ImageTasks.SHOP_EDGE);
            checks.equal("size of " + image.path(), Files.size(Path.of(image.path())), image.bytesAfter());
            checks.that(
                    image.path() + " is smaller than the upload",
                    image.bytesAfter() < image.bytesBefore(),
                    image.bytesBefore() + " bytes became " + image.bytesAfter());
            checks.equal(
                    "catalog entry of " + photo.productId(),
                    String.valueOf(image.width()),
                    catalog.find(photo.productId()).get("width"));
            List<String> paths = each.getValue().await(SOON);
            checks.equal("thumbnails of " + photo.file(), ImageTasks.THUMBNAIL_EDGES.size(), paths.size());
            for (int i = 0; i < paths.size(); i++) {
                size(photo, paths.get(i), ImageTasks.THUMBNAIL_EDGES.get(i));
            }
            boolean transparent =
                    ImageIO.read(new File(paths.get(0))).getColorModel().hasAlpha();
            checks.equal("transparency of " + paths.get(0), photo.file().endsWith(".png"), transparent);
        }
    }

    /** The user's device received every notification, and the history has it. */
    private void news(Inbox inbox, Notifications notifications) throws InterruptedException {
        Set<String> sent = new TreeSet<>(DemoJobs.NEWS);
        List<Notification> received = inbox.take(sent.size(), SOON);
        checks.equal("notifications received", sent, titles(received.stream()));
        checks.equal("their number", sent.size(), received.size());
        Stream<Notification> newest =
                notifications.history(DemoJobs.USER).stream().limit(sent.size());
        checks.equal("notifications in the history", sent, titles(newest));
        for (JobHandle<Long> job : jobs.news.values()) {
            checks.that("somebody received " + job.id(), job.await(SOON) >= 1, "nobody did");
        }
    }

    /** Everything is in the database where it belongs. */
    private void databases(RedisClient redis, Settings settings) {
        for (RedisDb db : RedisDb.values()) {
            try (StatefulRedisConnection<String, String> connection = open(redis, settings, db)) {
                checks.that(
                        "database " + db.number() + " is used",
                        connection.sync().dbsize() > 0,
                        "it is empty");
            }
        }
    }

    /** Nothing was given up but the broken photo, after three tries and for the right reason; nothing is left over. */
    private void deadLetters(TaskQueue queue, List<JobInfo> dead) {
        Photo broken =
                jobs.images.keySet().stream().filter(Photo::broken).findFirst().orElseThrow();
        String id = optimized(broken).id();
        checks.equal("dead letters", List.of(id), dead.stream().map(JobInfo::id).toList());
        for (JobInfo job : dead) {
            Failure failure = job.failure();
            String message = failure == null ? "" : failure.message();
            checks.that("reason of the dead letter", message.contains("peppers.jpg is damaged"), message);
            checks.equal("its attempts", 3, job.counts().spent());
        }
        checks.equal(
                "way of the broken photo",
                List.of("Enqueued", "Started", "Retrying", "Started", "Retrying", "Started", "Died"),
                way(id));
        for (String name : QUEUES) {
            QueueCounts counts = queue.admin().counts(name);
            checks.equal("jobs left in " + name, 0L, counts.ready() + counts.scheduled() + counts.active());
        }
    }

    /** The demo's own dead letters; a Redis that others use may hold more. */
    private List<JobInfo> findDead(TaskQueue queue) {
        Set<String> ours = new HashSet<>();
        log.entries().forEach(entry -> ours.add(entry.event().jobId()));
        return QUEUES.stream()
                .flatMap(name -> queue.admin().list(name, JobState.DEAD, 0, 100).stream())
                .filter(job -> ours.contains(job.id()))
                .toList();
    }

    private static StatefulRedisConnection<String, String> open(RedisClient redis, Settings settings, RedisDb db) {
        return redis.connect(RedisURI.create(settings.redis(db)));
    }

    private List<Stock> lowStocks() {
        return jobs.alerts.keySet().stream().filter(Stock::isLow).toList();
    }

    private JobHandle<Receipt> greylisted() {
        return present(jobs.welcomes.get(DemoJobs.GREYLISTED));
    }

    private JobHandle<OptimizedImage> optimized(Photo photo) {
        return present(jobs.images.get(photo));
    }

    private List<String> way(String jobId) {
        return log.of(jobId).stream()
                .map(entry -> entry.event().getClass().getSimpleName())
                .toList();
    }

    private void size(Photo photo, String path, int edge) throws IOException {
        double scale = Math.min(1.0, (double) edge / Math.max(photo.width(), photo.height()));
        BufferedImage image = ImageIO.read(new File(path));
        checks.equal(
                "size of " + path,
                Math.round(photo.width() * scale) + " x " + Math.round(photo.height() * scale),
                image.getWidth() + " x " + image.getHeight());
    }

    private static Set<String> titles(Stream<Notification> notifications) {
        return new TreeSet<>(notifications.map(Notification::title).toList());
    }

    private static List<Row> read(String path, int sheet) throws IOException {
        try (ReadableWorkbook workbook = new ReadableWorkbook(new File(path))) {
            return workbook.getSheet(sheet).orElseThrow().read();
        }
    }

    private static BigDecimal sum(List<Row> rows, int column) {
        return rows.stream().map(row -> euros(row, column)).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal euros(Row row, int column) {
        return row.getCellAsNumber(column).orElseThrow().setScale(2, RoundingMode.UNNECESSARY);
    }

    private static <V> V present(@Nullable V value) {
        return Objects.requireNonNull(value);
    }
}
