package io.tidemill.examples.ecoeaze;

import static io.tidemill.client.Call.call;

import io.tidemill.client.JobRequest;
import io.tidemill.examples.ecoeaze.behavior.BehaviorTasks;
import io.tidemill.examples.ecoeaze.dashboard.DashboardTasks;
import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.examples.ecoeaze.farm.Product;
import io.tidemill.examples.ecoeaze.images.GalleryTasks;
import io.tidemill.examples.ecoeaze.reports.MonthlyReports;
import io.tidemill.examples.ecoeaze.reports.ReportTasks;
import io.tidemill.examples.ecoeaze.stock.InventoryReportTask;
import io.tidemill.examples.ecoeaze.stock.InventoryTasks;
import io.tidemill.schedule.Misfire;
import io.tidemill.schedule.Overlap;
import io.tidemill.schedule.Schedule;
import io.tidemill.schedule.Scheduler;
import io.tidemill.schedule.Tick;
import io.tidemill.schedule.Timing;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * What runs by the clock. Every worker has these and any of them fires them; each due time is fired once, and none of
 * them is a process that must not fail. Campaigns are scheduled at run time: see {@link EcoEazeProducer}.
 */
public final class EcoEazeSchedules {

    /** Where the farms are: what happens at night happens at their night. */
    public static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

    private static final Duration HALF_WRITTEN = Duration.ofDays(1);

    private EcoEazeSchedules() {}

    /** Fires all of them. */
    public static Scheduler scheduler() {
        return scheduler("ecoeaze", all());
    }

    /** Fires these, which the code of this owner defines. */
    static Scheduler scheduler(String owner, List<Schedule> schedules) {
        Scheduler scheduler = Scheduler.create().owner(owner);
        for (Schedule schedule : schedules) {
            scheduler = scheduler.schedule(schedule);
        }
        return scheduler;
    }

    static List<Schedule> all() {
        List<Schedule> all = new ArrayList<>();
        all.add(at("sales-reports", "0 3 1 * *", call(MonthlyReports::generateMonthlySalesReports, Tick.EACH)));
        all.add(at("engagement-report", "30 4 * * MON", call(BehaviorTasks::generateUserEngagementReport, 7)));
        all.add(at("image-cleanup", "30 3 * * *", call(GalleryTasks::cleanupOldImages, HALF_WRITTEN)));
        for (Farmer farmer : Farmers.all()) {
            all.add(at(
                    "profit-loss-report:" + farmer.id(),
                    "0 4 * * MON",
                    call(ReportTasks::generateProfitLossReport, farmer.id(), "weekly")));
            all.add(at(
                    "inventory-report:" + farmer.id(),
                    "0 5 * * *",
                    call(InventoryReportTask::generateInventoryReport, farmer.id())));
        }
        for (Product product : Farmers.products()) {
            all.add(reorder(product));
        }
        all.add(dashboard("dashboard", Duration.ofSeconds(10)));
        return List.copyOf(all);
    }

    private static Schedule at(String name, String cron, JobRequest<?> call) {
        return Schedule.of(name, Timing.cron(cron, ZONE), call);
    }

    /** Products are spread over some minutes, and a slow job is not joined by another. */
    private static Schedule reorder(Product product) {
        return Schedule.of(
                        "reorder:" + product.id(),
                        Timing.every(Duration.ofHours(1)).jitter(Duration.ofMinutes(5)),
                        call(InventoryTasks::autoReorderStock, product.id()))
                .withOverlap(Overlap.SKIP);
    }

    /** Figures of a time that is over interest nobody. */
    static Schedule dashboard(String name, Duration interval) {
        return Schedule.of(name, Timing.every(interval), call(DashboardTasks::updateDashboard))
                .withMisfire(Misfire.SKIP)
                .withOverlap(Overlap.SKIP);
    }
}
