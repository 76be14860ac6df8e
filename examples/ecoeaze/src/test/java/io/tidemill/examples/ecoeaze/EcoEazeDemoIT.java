package io.tidemill.examples.ecoeaze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.admin.JobInfo;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.examples.ecoeaze.demo.JobLog;
import io.tidemill.examples.ecoeaze.demo.SamplePhotos.Photo;
import io.tidemill.examples.ecoeaze.demo.TaskTotals;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo, on a Redis and a mail server of its own. */
class EcoEazeDemoIT {

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
        assertThat(report.failures()).isEmpty();
        assertThat(report.checks()).isGreaterThan(100);
        assertThat(printed.stripTrailing()).endsWith("all " + report.checks() + " checks passed");
    }

    @Test
    void runsEveryTask() {
        assertThat(report.log().totals())
                .extracting(TaskTotals::task, TaskTotals::jobs, TaskTotals::succeeded, TaskTotals::dead)
                .containsExactly(
                        row("generate_image_thumbnails", 7, 7, 0),
                        row("generate_sales_report", 6, 6, 0),
                        row("low_stock_alert", 6, 6, 0),
                        row("optimize_product_image", 8, 7, 1),
                        row("send_email", 18, 18, 0),
                        row("send_push_notification", 9, 9, 0));
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
        assertThat(printed.lines().filter(line -> line.contains("  enqueued"))).hasSize(54);
        assertThat(printed)
                .contains("  retrying   attempt 1: ")
                .contains("dead letters")
                .contains("mean ms");
        assertThat(printed).contains(directory.resolve("reports").toString());
    }

    private static Tuple row(Object... values) {
        return tuple(values);
    }

    private static List<JobEvent> events(String id) {
        return report.log().of(id).stream().map(JobLog.Entry::event).toList();
    }
}
