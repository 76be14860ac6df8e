package io.tidemill.examples.fashiondeck;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.event.QueueListener;
import io.tidemill.examples.fashiondeck.analytics.AnalyticsTasks;
import io.tidemill.examples.fashiondeck.embeddings.EmbeddingTasks;
import io.tidemill.examples.fashiondeck.refresh.MarketplaceClient;
import io.tidemill.examples.fashiondeck.refresh.ProductRefreshProducer;
import io.tidemill.examples.fashiondeck.refresh.RefreshTasks;
import io.tidemill.redis.RedisBroker;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Schedules;
import io.tidemill.task.Retention;
import java.time.Clock;
import java.time.Duration;
import java.util.function.IntConsumer;

/**
 * The process that does the work: every task of FashionDeck with what it needs, and its schedules. Start as many as you
 * like, on as many machines as you like.
 */
public final class FashionDeckWorker implements AutoCloseable {

    private static final int REFRESHES = 4;
    private static final int ANALYSES = 1;

    private final FashionDeckData data;
    private final Scheduler scheduler;
    private final TaskQueue worker;

    private FashionDeckWorker(Settings settings, QueueListener listener, IntConsumer batchSizes, Scheduler scheduler) {
        this.scheduler = scheduler;
        data = new FashionDeckData(settings, Clock.systemUTC());
        try {
            TaskQueueBuilder builder = TaskQueue.builder().broker(RedisBroker.connect(settings.redis()));
            tasks(builder, settings, data, batchSizes);
            // An item of a batch holds a slot, so a full batch needs as many
            worker = builder.concurrency(REFRESHES + EmbeddingTasks.BATCH + ANALYSES)
                    .concurrency(RefreshTasks.QUEUE, REFRESHES)
                    .concurrency(EmbeddingTasks.QUEUE, EmbeddingTasks.BATCH)
                    .concurrency(AnalyticsTasks.QUEUE, ANALYSES)
                    .install(scheduler)
                    .listener(listener)
                    .start();
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    /** Works until the process is told to end. */
    public static void main(String[] arguments) throws InterruptedException {
        FashionDeckWorker worker = start(Settings.fromEnvironment(), event -> {}, size -> {});
        Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "shutdown"));
        new ProductRefreshProducer(worker.worker, worker.schedules()).schedulePeriodicRefresh();
        worker.worker.awaitClose();
    }

    /** Starts working. The listener hears what happens to jobs, the other one how large each batch is. */
    public static FashionDeckWorker start(Settings settings, QueueListener listener, IntConsumer batchSizes) {
        return start(settings, listener, batchSizes, scheduler());
    }

    /** The same with other schedules of its own. */
    static FashionDeckWorker start(
            Settings settings, QueueListener listener, IntConsumer batchSizes, Scheduler scheduler) {
        return new FashionDeckWorker(settings, listener, batchSizes, scheduler);
    }

    /** Connects without tasks: enough to ask for jobs and schedules, and to look at them. */
    public static TaskQueue connect(Settings settings, QueueListener listener, Scheduler schedules) {
        return TaskQueue.builder()
                .broker(RedisBroker.connect(settings.redis()))
                .install(schedules)
                .listener(listener)
                .start();
    }

    /** The tasks, and how long each queue keeps the jobs that succeeded. */
    static void tasks(TaskQueueBuilder builder, Settings settings, FashionDeckData data, IntConsumer batchSizes) {
        MarketplaceClient marketplaces = new MarketplaceClient(settings.marketplaces());
        builder.tasks(queue -> new RefreshTasks(queue, marketplaces, data.catalog()))
                .tasks(new EmbeddingTasks(data.embedder(), data.catalog(), data.cache(), batchSizes), data.analytics())
                .keep(RefreshTasks.QUEUE, new Retention(100, Duration.ofDays(1)))
                .keep(EmbeddingTasks.QUEUE, new Retention(1_000, Duration.ofHours(1)))
                .keep(AnalyticsTasks.QUEUE, new Retention(50, Duration.ofDays(30)));
    }

    /** The schedule that the code defines; {@link ProductRefreshProducer} stores those of the marketplaces. */
    static Scheduler scheduler() {
        return Scheduler.create().owner("fashiondeck").schedule(AnalyticsTasks.nightly());
    }

    /** The schedules, to be looked at and changed. */
    public Schedules schedules() {
        return scheduler.schedules();
    }

    /** Lets running jobs end, then closes every connection. */
    @Override
    public void close() {
        worker.close();
        data.close();
    }
}
