package io.tidemill.examples.ecoeaze;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.event.QueueListener;
import io.tidemill.examples.ecoeaze.images.ImageCatalog;
import io.tidemill.examples.ecoeaze.images.ImageStore;
import io.tidemill.examples.ecoeaze.images.ImageTasks;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.examples.ecoeaze.mail.Mailer;
import io.tidemill.examples.ecoeaze.notifications.Notifications;
import io.tidemill.examples.ecoeaze.notifications.PushTasks;
import io.tidemill.examples.ecoeaze.reports.ReportTasks;
import io.tidemill.examples.ecoeaze.stock.StockTasks;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisResultBackend;

/**
 * The process that does the work: every task of EcoEaze with what it needs. Start as many as you like, on as many
 * machines as you like.
 */
public final class EcoEazeWorker implements AutoCloseable {

    /** How many jobs run at the same time. */
    public static final int CONCURRENCY = 8;

    private final RedisClient redis;
    private final TaskQueue worker;

    private EcoEazeWorker(Settings settings, QueueListener listener) {
        redis = RedisClient.create();
        worker = queue(settings, listener)
                .tasks(
                        new MailTasks(new Mailer(settings.smtpHost(), settings.smtpPort())),
                        new ReportTasks(settings.outputDir().resolve("reports")),
                        new ImageTasks(
                                new ImageStore(settings.uploadDir(), settings.outputDir()),
                                new ImageCatalog(open(settings, RedisDb.IMAGES))),
                        new PushTasks(new Notifications(open(settings, RedisDb.NOTIFICATIONS))))
                .tasks(queue -> new StockTasks(queue))
                .concurrency(CONCURRENCY)
                .start();
    }

    /** Starts working, and tells the listener what happens. */
    public static EcoEazeWorker start(Settings settings, QueueListener listener) {
        return new EcoEazeWorker(settings, listener);
    }

    /** Connects without tasks: enough to ask for jobs and to look at them. */
    public static TaskQueue connect(Settings settings, QueueListener listener) {
        return queue(settings, listener).start();
    }

    private static TaskQueueBuilder queue(Settings settings, QueueListener listener) {
        return TaskQueue.builder()
                .broker(RedisBroker.connect(settings.redis(RedisDb.BROKER)))
                .results(RedisResultBackend.connect(settings.redis(RedisDb.RESULTS)))
                .listener(listener);
    }

    private StatefulRedisConnection<String, String> open(Settings settings, RedisDb db) {
        return redis.connect(RedisURI.create(settings.redis(db)));
    }

    /** Lets running jobs end, then closes every connection. */
    @Override
    public void close() {
        worker.close();
        redis.shutdown();
    }
}
