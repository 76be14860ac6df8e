package io.tidemill.examples.fashiondeck.refresh;

import static io.tidemill.client.Call.call;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.examples.fashiondeck.QueueStats;
import io.tidemill.schedule.Overlap;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Schedules;
import io.tidemill.schedule.Timing;
import java.util.List;

/** What the web application calls: each method asks for jobs and returns at once. Thread-safe. */
public final class ProductRefreshProducer {

    /** How many products of a category are fetched unless somebody says otherwise. */
    public static final int USUAL_LIMIT = 100;

    /** What is refreshed each night. */
    private static final String NIGHTLY = "top";

    private final TaskQueue queue;
    private final Schedules schedules;

    /** Puts jobs into this queue, and schedules of its broker there. */
    public ProductRefreshProducer(TaskQueue queue, Schedules schedules) {
        this.queue = queue;
        this.schedules = schedules;
    }

    /** Asks for the products of one category. */
    public JobHandle<RefreshResult> addRefreshJob(RefreshRequest wanted) {
        Marketplace.of(wanted.marketplace());
        return queue.enqueue(RefreshTasks::refreshProducts, wanted);
    }

    /** Asks for all categories of a marketplace, in one request. */
    public List<JobHandle<RefreshResult>> addBulkRefreshJobs(String marketplace) {
        Marketplace known = Marketplace.of(marketplace);
        return queue.enqueueAll(Marketplace.CATEGORIES.stream()
                .map(category ->
                        call(RefreshTasks::refreshProducts, new RefreshRequest(known.name(), category, USUAL_LIMIT)))
                .toList());
    }

    /**
     * Refreshes every marketplace daily at 02:00 where it is. Doing it twice changes nothing. A refresh that still runs
     * after a day is not joined by another.
     */
    public void schedulePeriodicRefresh() {
        schedules.putAll(Marketplace.ALL.stream()
                .map(marketplace -> Schedule.of(
                                scheduleName(marketplace),
                                Timing.cron("0 2 * * *", marketplace.zone()),
                                call(
                                        RefreshTasks::refreshProducts,
                                        new RefreshRequest(marketplace.name(), NIGHTLY, USUAL_LIMIT)))
                        .withOverlap(Overlap.SKIP))
                .toList());
    }

    /** What the schedule of a marketplace is called. */
    public static String scheduleName(Marketplace marketplace) {
        return "product-refresh:" + marketplace.name();
    }

    /** How many jobs of this queue wait, run, are kept as completed, and were given up. */
    public QueueStats getStats() {
        return QueueStats.of(queue.admin(), RefreshTasks.QUEUE);
    }
}
