package io.tidemill.examples.ecoeaze.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.examples.ecoeaze.EcoEazeWorker;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.test.Waits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The alerts of {@code ops/} on a backlog and on workers that fail read what a worker of EcoEaze shows. */
class AlertsTest {

    private static final Path ALERTS = Path.of("../../ops/alerts.yml");
    private static final Pattern METER = Pattern.compile("tidemill_\\w+");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TidemillBacklog",
                "TidemillNoWorkers",
                "TidemillNotMeasured",
                "TidemillNotReady",
                "TidemillWorkersLost",
                "TidemillErrorRate",
                "TidemillDeadJobs"
            })
    void readWhatAWorkerShows(String alert) throws IOException {
        Set<String> meters = metersOf(alert);
        assertThat(meters).isNotEmpty();
        TestRedis.empty();
        try (EcoEazeWorker worker = EcoEazeWorker.start(TestRedis.settings(Map.of()), event -> {})) {
            for (String meter : meters) {
                Waits.until(meter + " is shown", () -> worker.meters().scrape().contains("\n" + meter + "{"));
            }
        }
    }

    /** The names in the expression of an alert. */
    private static Set<String> metersOf(String alert) throws IOException {
        Matcher rule = Pattern.compile("alert: " + alert + "\\s+expr:(.*?)(?=annotations:)", Pattern.DOTALL)
                .matcher(Files.readString(ALERTS));
        assertThat(rule.find()).as("%s in %s", alert, ALERTS).isTrue();
        Set<String> meters = new TreeSet<>();
        Matcher names = METER.matcher(rule.group(1));
        while (names.find()) {
            meters.add(names.group());
        }
        return meters;
    }
}
