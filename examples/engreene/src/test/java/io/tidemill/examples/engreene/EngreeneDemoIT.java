package io.tidemill.examples.engreene;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.examples.common.TaskTotals;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The whole demo, on servers of its own, with hours of 30 ms. */
class EngreeneDemoIT {

    private static DemoReport report;
    private static String printed;

    @BeforeAll
    static void run() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        report = EngreeneDemo.run(Map.of("ENGREENE_HOUR_MILLIS", "30"), out);
        report.print(out);
        printed = bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everythingIsAsItShouldBe() {
        assertThat(report.checks().failures()).isEmpty();
        assertThat(report.checks().count()).isGreaterThan(40);
        assertThat(printed.stripTrailing()).endsWith("all " + report.checks().count() + " checks passed");
    }

    @Test
    void runsEveryTypeOfJob() {
        assertThat(report.log().totals())
                .filteredOn(totals ->
                        totals.task().startsWith("vendor_") || totals.task().startsWith("calculate"))
                .filteredOn(totals -> !totals.task().equals("vendor_replied"))
                .extracting(TaskTotals::task, TaskTotals::jobs, TaskTotals::succeeded, TaskTotals::dead)
                .containsExactly(
                        Tuple.tuple("calculate_commission", 10, 10, 0),
                        Tuple.tuple("vendor_cart_add", 8, 8, 0),
                        Tuple.tuple("vendor_wishlist_add", 4, 4, 0));
        assertThat(report.log().totals())
                .extracting(TaskTotals::task)
                .contains(
                        "alternative_vendor_recommendation",
                        "cache_warmup",
                        "cleanup_expired_sessions",
                        "response_reminder",
                        "send-email");
    }

    @Test
    void theVendorThatIsSilentIsRemindedFourTimes() {
        assertThat(report.conversations())
                .anyMatch(line -> line.matches(
                        "silent-\\w+ +4 reminders, no answer, recommended \\[aperture, goldenhour, lumen]"));
    }

    @Test
    void theEndpointsOutageCostsNoJob() {
        assertThat(report.stats().breakers().values()).anyMatch(breaker -> breaker.opened() > 0);
        assertThat(printed).contains("released   snoozed");
    }
}
