package io.tidemill.ops;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemill.event.QueueEvent;
import io.tidemill.test.Waits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is named in {@code ops/} is what a running queue shows to Prometheus. Needs no Prometheus. */
class OpsNamesTest {

    private static final Pattern METRIC = Pattern.compile("\\btidemill_\\w+");
    private static final Pattern SELECTION = Pattern.compile("\\b(tidemill_\\w+)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("(\\w+)(?:=~|!=|=)\"");
    /** Prometheus adds these itself. */
    private static final Set<String> LABELS_OF_SCRAPES = Set.of("instance", "job");

    static List<Path> dashboards() throws IOException {
        return OpsFiles.dashboards();
    }

    /** What a queue shows that has run a job, and whose depths are known. */
    private static String scraped() throws Exception {
        try (MeasuredQueue measured = MeasuredQueue.start()) {
            measured.queue().enqueue(call(MeasuredQueue.Tasks::send));
            measured.events().await(QueueEvent.Succeeded.class, 1);
            Waits.until("all is shown", () -> {
                String text = measured.scrape();
                return text.contains("tidemill_queue_workers{")
                        && text.contains("tidemill_broker_batch_count{")
                        && text.contains("tidemill_jobs_run_seconds_max{");
            });
            return measured.scrape();
        }
    }

    @Test
    void every_meter_that_is_named_is_one_that_prometheus_sees_with_labels_that_it_has() throws Exception {
        String scraped = scraped();
        Set<String> known = new HashSet<>();
        for (Matcher metric = METRIC.matcher(scraped); metric.find(); ) {
            known.add(metric.group());
        }
        StringBuilder ops = new StringBuilder(OpsFiles.text("alerts.yml"));
        for (Path dashboard : dashboards()) {
            ops.append(String.join("\n", OpsFiles.queries(dashboard))).append('\n');
        }
        ops.append(OpsFiles.text("alerts.test.yml"));

        Set<String> named = new TreeSet<>();
        for (Matcher metric = METRIC.matcher(ops); metric.find(); ) {
            named.add(metric.group());
        }
        assertThat(named).hasSizeGreaterThan(20);
        assertThat(known).containsAll(named);
        for (Matcher selection = SELECTION.matcher(ops); selection.find(); ) {
            assertThat(labels(scraped, selection.group(1)))
                    .as("labels of " + selection.group())
                    .containsAll(labelsIn(selection.group(2)));
        }
    }

    private static Set<String> labelsIn(String selection) {
        Set<String> labels = new TreeSet<>();
        for (Matcher label = LABEL.matcher(selection); label.find(); ) {
            labels.add(label.group(1));
        }
        return labels;
    }

    private static Set<String> labels(String scraped, String metric) {
        Set<String> labels = new TreeSet<>(LABELS_OF_SCRAPES);
        for (Matcher line = Pattern.compile("(?m)^" + metric + "\\{([^}]*)}").matcher(scraped); line.find(); ) {
            labels.addAll(labelsIn(line.group(1)));
        }
        return labels;
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void a_dashboard_can_be_imported(Path file) throws IOException {
        JsonNode dashboard = OpsFiles.read(file);

        assertThat(dashboard.path("uid").asText())
                .isEqualTo("tidemill-" + file.getFileName().toString().replace(".json", ""));
        Set<Integer> ids = new HashSet<>();
        Set<String> places = new HashSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            assertThat(ids.add(panel.path("id").asInt())).isTrue();
            assertThat(places.add(panel.path("gridPos").toString())).isTrue();
            assertThat(panel.path("title").asText()).isNotBlank();
            assertThat(panel.path("targets")).isNotEmpty();
        }
        Set<String> variables = new HashSet<>();
        dashboard
                .path("templating")
                .path("list")
                .forEach(each -> variables.add(each.path("name").asText()));
        for (Matcher used = Pattern.compile("\\$\\{?([a-z]\\w*)")
                        .matcher(dashboard.path("panels").toString());
                used.find(); ) {
            assertThat(variables).contains(used.group(1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ErrorRate",
                "Slow",
                "Backlog",
                "NoWorkers",
                "HeldBack",
                "ScheduleLate",
                "ScheduleOverdue",
                "DeadJobs",
                "PausedTooLong"
            })
    void what_operators_ask_for_has_an_alert_and_the_alert_has_a_test(String alert) throws IOException {
        assertThat(OpsFiles.text("alerts.yml")).contains("- alert: Tidemill" + alert + "\n");
        assertThat(OpsFiles.text("alerts.test.yml")).contains("alertname: Tidemill" + alert + "\n");
    }
}
