package io.tidemill.examples.ecoeaze.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.schedule.Tick;
import io.tidemill.task.JobState;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class MonthlyReportsTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void requestsTheReportOfTheMonthBeforeTheDueTimeOnceForEachFarm() {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            MonthlyReports reports = new MonthlyReports(queue, BERLIN);

            assertThat(reports.generateMonthlySalesReports(tick("2026-03-01T02:00:00Z")))
                    .isEqualTo(3);
            reports.generateMonthlySalesReports(tick("2026-03-01T02:00:00Z"));

            assertThat(queue.admin().list("reports", JobState.READY, 0, 10))
                    .extracting(JobInfo::task, JobInfo::payload)
                    .containsExactly(
                            tuple("generate_sales_report", "[\"f-101\",\"2026-02\"]"),
                            tuple("generate_sales_report", "[\"f-102\",\"2026-02\"]"),
                            tuple("generate_sales_report", "[\"f-103\",\"2026-02\"]"));
        }
    }

    @Test
    void aMonthEndsWhereTheFarmsAre() {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            new MonthlyReports(queue, BERLIN).generateMonthlySalesReports(tick("2026-02-28T23:30:00Z"));

            assertThat(queue.admin().list("reports", JobState.READY, 0, 10))
                    .extracting(JobInfo::payload)
                    .contains("[\"f-101\",\"2026-02\"]");
        }
    }

    private static Tick tick(String due) {
        return new Tick("sales-reports", Instant.parse(due), null);
    }
}
