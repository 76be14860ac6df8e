package io.tidemill.examples.ecoeaze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.admin.JobInfo;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.common.TaskTotals;
import io.tidemill.examples.ecoeaze.demo.SamplePhotos.Photo;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo, on a Redis and a mail server of its own. */
class EcoEazeDemoIT {

    /** Several that were requested at once run once. */
    private static final Set<String> AS_MANY_AS_NEEDED = Set.of(
            "update_dashboard", "update_inventory_cache", "cleanup_old_images", "generate_monthly_sales_reports");

    @TempDir
    static Path directory;

    private static DemoReport report;
    private static String printed;

    @BeforeAll
    static void run() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        report = EcoEazeDemo.run(Map.of("ECOEAZE_OUTPUT_DIR", directory.toString()), out);
        report.print(out);
        printed = bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everythingIsAsItShouldBe() {
        assertThat(report.checks().failures()).isEmpty();
        assertThat(report.checks().count()).isGreaterThan(200);
        assertThat(printed.stripTrailing()).endsWith("all " + report.checks().count() + " checks passed");
    }

    @Test
    void runsEveryTask() {
        assertThat(report.log().totals())
                .filteredOn(totals -> !AS_MANY_AS_NEEDED.contains(totals.task()))
                .extracting(TaskTotals::task, TaskTotals::jobs, TaskTotals::succeeded, TaskTotals::dead)
                .containsExactly(
                        row("analyze_image_quality", 2, 2, 0),
                        row("auto_reorder_stock", 1, 1, 0),
                        row("detect_fraud", 15, 15, 0),
                        row("generate_image_thumbnails", 7, 7, 0),
                        row("generate_inventory_report", 1, 1, 0),
                        row("generate_profit_loss_report", 1, 1, 0),
                        row("generate_recommendations", 1, 1, 0),
                        row("generate_sales_report", 9, 9, 0),
                        row("generate_user_engagement_report", 1, 1, 0),
                        row("low_stock_alert", 11, 11, 0),
                        row("optimize_product_image", 8, 7, 1),
                        row("predict_demand", 1, 1, 0),
                        row("process_order", 19, 19, 0),
                        row("send_campaign", 2, 2, 0),
                        row("send_email", 33, 33, 0),
                        row("send_push_notification", 14, 14, 0),
                        row("send_sms", 2, 2, 0),
                        row("track_user_behavior", 20, 20, 0),
                        row("watermark_product_images", 1, 1, 0));
    }

    @Test
    void makesViewsAndFiguresAsOftenAsNeeded() {
        assertThat(report.log().totals())
                .filteredOn(totals -> AS_MANY_AS_NEEDED.contains(totals.task()))
                .hasSize(AS_MANY_AS_NEEDED.size())
                .allSatisfy(totals -> {
                    assertThat(totals.jobs()).isPositive();
                    assertThat(totals.succeeded()).isEqualTo(totals.jobs());
                })
                .filteredOn(totals -> totals.task().equals("update_inventory_cache"))
                .singleElement()
                .satisfies(totals -> assertThat(totals.jobs())
                        .as("at most one for each of 19 orders and a delivery")
                        .isLessThanOrEqualTo(20));
    }

    @Test
    void runsByTheClock() {
        assertThat(printed)
                .containsPattern("schedule +when +fired +last due")
                .containsPattern("demo-\\w+-dashboard +every second +\\d+ +\\d{4}-")
                .containsPattern("demo-\\w+-sales-reports +every 3 seconds");
        assertThat(report.log().entries())
                .extracting(entry -> entry.event().jobId())
                .anyMatch(id -> id.matches("campaign:\\w+-autumn@\\S+Z"));
    }

    @Test
    void triesAGreylistedMailUntilItIsTaken() {
        String id = report.jobs().welcomes.get(DemoJobs.GREYLISTED).id();

        assertThat(events(id))
                .extracting(JobEvent::getClass)
                .extracting(Class::getSimpleName)
                .containsExactly("Enqueued", "Started", "Retrying", "Started", "Retrying", "Started", "Succeeded");
        assertThat(events(id))
                .filteredOn(QueueEvent.Started.class::isInstance)
                .extracting(event -> ((QueueEvent.Started) event).attempt())
                .containsExactly(1, 2, 3);
        assertThat(events(id))
                .filteredOn(QueueEvent.Retrying.class::isInstance)
                .extracting(event -> ((QueueEvent.Retrying) event).error())
                .allMatch(error -> error.contains("451 4.7.1 Greylisted"));
    }

    @Test
    void waitsBeforeItTriesAgain() {
        List<JobLog.Entry> entries =
                report.log().of(report.jobs().welcomes.get(DemoJobs.GREYLISTED).id());

        // From start to start: a run is told on its own thread before it fails, and its wait begins after that.
        for (JobLog.Entry entry : entries) {
            if (entry.event() instanceof QueueEvent.Retrying retry) {
                Duration waited = startOf(entries, retry.attempt() + 1).minus(startOf(entries, retry.attempt()));
                assertThat(waited).isGreaterThanOrEqualTo(retry.delay());
            }
        }
    }

    private static Duration startOf(List<JobLog.Entry> entries, int attempt) {
        return entries.stream()
                .filter(entry -> entry.event() instanceof QueueEvent.Started started && started.attempt() == attempt)
                .map(JobLog.Entry::at)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void givesUpOnTheBrokenPhotoAlone() {
        Photo broken = report.jobs().images.keySet().stream()
                .filter(Photo::broken)
                .findFirst()
                .orElseThrow();

        assertThat(report.dead())
                .extracting(JobInfo::id)
                .containsExactly(report.jobs().images.get(broken).id());
        JobInfo dead = report.dead().get(0);
        assertThat(dead.counts().spent()).isEqualTo(3);
        assertThat(dead.payload()).isEqualTo("[\"peppers\",\"peppers.jpg\"]");
        assertThat(dead.failure().type()).endsWith("BrokenImageException");
        assertThat(dead.failure().message()).startsWith("peppers.jpg is damaged: ");
    }

    @Test
    void printsEachJobsWay() {
        assertThat(printed.lines().filter(line -> line.contains("  enqueued"))).hasSizeGreaterThan(140);
        assertThat(printed)
                .contains("  retrying   attempt 1: ")
                .contains("dead letters")
                .contains("mean ms")
                .containsPattern("queue +waiting +delayed +active +succeeded +dead")
                .containsPattern("worker \\S+ on \\S+, process \\d+, runs 0 of 8 jobs");
        assertThat(printed).contains(directory.resolve("reports").toString());
    }

    private static Tuple row(Object... values) {
        return tuple(values);
    }

    private static List<JobEvent> events(String id) {
        return report.log().of(id).stream().map(JobLog.Entry::event).toList();
    }
}
