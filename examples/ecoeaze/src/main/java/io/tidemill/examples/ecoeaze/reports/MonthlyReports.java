package io.tidemill.examples.ecoeaze.reports;

import static io.tidemill.client.Call.call;

import io.tidemill.client.TaskClient;
import io.tidemill.examples.ecoeaze.farm.Farmer;
import io.tidemill.examples.ecoeaze.farm.Farmers;
import io.tidemill.schedule.Tick;
import io.tidemill.task.Task;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneId;

/** The reports of a month, requested by a schedule when the month has ended. */
public final class MonthlyReports {

    private static final Duration ONCE = Duration.ofDays(1);

    private final TaskClient queue;
    private final ZoneId zone;

    /** Requests them here. A month ends in this time zone. */
    public MonthlyReports(TaskClient queue, ZoneId zone) {
        this.queue = queue;
        this.zone = zone;
    }

    /**
     * Requests each farm's sales report of the month before the due time, so one that is made late is still the right
     * one. Within a day it is written once, however often it is requested.
     *
     * @return how many were requested
     */
    @Task(name = "generate_monthly_sales_reports", queue = "reports", timeout = "1m")
    public int generateMonthlySalesReports(Tick tick) {
        YearMonth ended = YearMonth.from(tick.due().atZone(zone)).minusMonths(1);
        for (Farmer farmer : Farmers.all()) {
            queue.enqueue(call(ReportTasks::generateSalesReport, farmer.id(), ended)
                    .unique("sales-report:" + farmer.id() + ":" + ended, ONCE));
        }
        return Farmers.all().size();
    }
}
