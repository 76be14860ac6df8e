package io.tidemill.examples.ecoeaze;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemill.Extension;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.admin.QueueAdmin;
import io.tidemill.broker.Broker;
import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueListener;
import io.tidemill.examples.ecoeaze.behavior.BehaviorTasks;
import io.tidemill.examples.ecoeaze.campaigns.CampaignTasks;
import io.tidemill.examples.ecoeaze.dashboard.DashboardTasks;
import io.tidemill.examples.ecoeaze.dashboard.Inspector;
import io.tidemill.examples.ecoeaze.fraud.FraudTasks;
import io.tidemill.examples.ecoeaze.images.GalleryTasks;
import io.tidemill.examples.ecoeaze.images.ImageStore;
import io.tidemill.examples.ecoeaze.images.ImageTasks;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.examples.ecoeaze.mail.Mailer;
import io.tidemill.examples.ecoeaze.metrics.MetricsServer;
import io.tidemill.examples.ecoeaze.notifications.PushTasks;
import io.tidemill.examples.ecoeaze.orders.OrderTasks;
import io.tidemill.examples.ecoeaze.recommendations.RecommendationTasks;
import io.tidemill.examples.ecoeaze.reports.MonthlyReports;
import io.tidemill.examples.ecoeaze.reports.ReportTasks;
import io.tidemill.examples.ecoeaze.sms.SmsGateway;
import io.tidemill.examples.ecoeaze.sms.SmsTasks;
import io.tidemill.examples.ecoeaze.stock.InventoryReportTask;
import io.tidemill.examples.ecoeaze.stock.InventoryTasks;
import io.tidemill.examples.ecoeaze.stock.StockTasks;
import io.tidemill.metrics.MicrometerMetrics;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisResultBackend;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Schedules;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;

/**
 * The process that does the work: every task of EcoEaze with what it needs. Start as many as you like, on as many
 * machines as you like.
 */
public final class EcoEazeWorker implements AutoCloseable {

    /** How many jobs run at the same time. */
    public static final int CONCURRENCY = 8;

    private final Clock clock = Clock.systemUTC();
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EcoEazeData data;
    private final Scheduler scheduler;
    private final TaskQueue worker;

    private EcoEazeWorker(Settings settings, QueueListener listener, Scheduler scheduler) {
        this.scheduler = scheduler;
        data = new EcoEazeData(settings);
        try {
            Broker broker = RedisBroker.connect(settings.redis(RedisDb.BROKER));
            TaskQueueBuilder builder = queue(settings, broker)
                    .concurrency(CONCURRENCY)
                    .install(MicrometerMetrics.of(meters))
                    .install(scheduler)
                    .install(heardBy(listener));
            builder.tasks(tasks(settings, new Inspector(new QueueAdmin(broker))).toArray());
            tasksThatEnqueue().forEach(builder::tasks);
            worker = builder.start();
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    /** Works until the process is told to end. */
    public static void main(String[] arguments) throws InterruptedException, IOException {
        Settings settings = Settings.fromEnvironment();
        EcoEazeWorker worker = start(settings, event -> {});
        Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "shutdown"));
        try (MetricsServer metrics = MetricsServer.start(settings.metricsPort(), worker.meters())) {
            System.out.println("metrics: http://localhost:" + metrics.port() + "/metrics");
            worker.worker.awaitClose();
        }
    }

    /** What this worker measures. */
    public PrometheusMeterRegistry meters() {
        return meters;
    }

    /** Starts working, and tells the listener what happens. */
    public static EcoEazeWorker start(Settings settings, QueueListener listener) {
        return start(settings, listener, EcoEazeSchedules.scheduler());
    }

    /** The same with other schedules. */
    static EcoEazeWorker start(Settings settings, QueueListener listener, Scheduler scheduler) {
        return new EcoEazeWorker(settings, listener, scheduler);
    }

    /** The schedules, to be looked at and changed. */
    public Schedules schedules() {
        return scheduler.schedules();
    }

    /** Connects without tasks: enough to ask for jobs and to look at them. */
    public static TaskQueue connect(Settings settings, QueueListener listener) {
        return queue(settings, RedisBroker.connect(settings.redis(RedisDb.BROKER)))
                .listener(listener)
                .start();
    }

    private static TaskQueueBuilder queue(Settings settings, Broker broker) {
        return TaskQueue.builder().broker(broker).results(RedisResultBackend.connect(settings.redis(RedisDb.RESULTS)));
    }

    /** Installed after the metrics: what the listener has heard of is counted. */
    private static Extension heardBy(QueueListener listener) {
        return new Extension() {
            @Override
            public void start(Parts parts) {
                parts.listen(listener);
            }
        };
    }

    private List<Object> tasks(Settings settings, Inspector inspector) {
        Path reports = settings.outputDir().resolve("reports");
        ImageStore images = new ImageStore(settings.uploadDir(), settings.outputDir());
        return List.of(
                new MailTasks(new Mailer(settings.smtpHost(), settings.smtpPort())),
                new SmsTasks(new SmsGateway(settings.smsUrl())),
                new PushTasks(data.notifications()),
                new ReportTasks(reports, data.reports(), clock),
                new InventoryReportTask(data.inventory(), reports, clock),
                new BehaviorTasks(data.behavior(), data.campaigns(), reports, clock),
                new RecommendationTasks(data.purchases()),
                new ImageTasks(images, data.images()),
                new GalleryTasks(images, data.images(), clock),
                new DashboardTasks(inspector, data.behavior(), data.dashboard(), clock));
    }

    private List<Function<TaskClient, Object>> tasksThatEnqueue() {
        return List.of(
                StockTasks::new,
                queue -> new MonthlyReports(queue, EcoEazeSchedules.ZONE),
                queue -> new OrderTasks(queue, data.inventory(), data.purchases()),
                queue -> new InventoryTasks(queue, data.inventory(), data.inventoryCache(), clock),
                queue -> new FraudTasks(queue, data.orders()),
                queue -> new CampaignTasks(queue, data.campaigns()));
    }

    /** Lets running jobs end, then closes every connection. */
    @Override
    public void close() {
        worker.close();
        data.close();
    }
}
