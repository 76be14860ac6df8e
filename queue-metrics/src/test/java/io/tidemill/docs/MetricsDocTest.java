package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.common.docs.KeyName;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.tidemill.Approval;
import io.tidemill.TaskQueue;
import io.tidemill.event.QueueEvent;
import io.tidemill.metrics.HeardLast;
import io.tidemill.metrics.JobObservationDocumentation;
import io.tidemill.metrics.JobObservationDocumentation.HighKey;
import io.tidemill.metrics.JobObservationDocumentation.LowKey;
import io.tidemill.metrics.JobObservations;
import io.tidemill.metrics.MeterTag;
import io.tidemill.metrics.MicrometerMetrics;
import io.tidemill.metrics.QueueMeters;
import io.tidemill.metrics.Scripted;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/metrics.md says what the catalogue says, and the catalogue says what a running queue registers. */
class MetricsDocTest {

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Recorder events = new Recorder();

    /** A task. */
    public static final class Tasks {

        @Task(name = "send", queue = "mail")
        public void send() {}
    }

    @Test
    void the_page_of_metrics_is_true() throws Exception {
        StringBuilder page = new StringBuilder("""
            # Meters and observations

            This page is generated from the catalogues `QueueMeters` and `JobObservationDocumentation` of `queue-metrics`; a test
            compares it with them, and them with what a running queue registers. How to install them: [guide](guide-metrics.md).

            ## Meters

            Names are Micrometer's; a registry writes them in its own way, such as `tidemill_jobs_run_seconds_count` for Prometheus.
            Counters and timers say what this process did since it started. Gauges are there from the start of the queue to its end.

            | name | type | unit | tags | meaning |
            |---|---|---|---|---|
            """);
        for (QueueMeters meter : QueueMeters.values()) {
            page.append("| `")
                    .append(meter.getName())
                    .append("` | ")
                    .append(meter.getType().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .append(" | ")
                    .append(meter.getBaseUnit() == null ? "" : meter.getBaseUnit())
                    .append(" | ")
                    .append(keys(meter.getKeyNames()))
                    .append(" | ")
                    .append(meter.meaning())
                    .append(" |\n");
        }
        page.append("\n| tag | is |\n|---|---|\n");
        rows(page, MeterTag.values(), MeterTag::meaning);
        page.append("""

            ## Observations

            | name | when | keys with few values | keys with many values |
            |---|---|---|---|
            """);
        for (JobObservationDocumentation observation : JobObservationDocumentation.values()) {
            page.append("| `")
                    .append(observation.getName())
                    .append("` | ")
                    .append(observation.meaning())
                    .append(" | ")
                    .append(keys(observation.getLowCardinalityKeyNames()))
                    .append(" | ")
                    .append(keys(observation.getHighCardinalityKeyNames()))
                    .append(" |\n");
        }
        page.append("\n| key | is |\n|---|---|\n");
        rows(page, LowKey.values(), LowKey::meaning);
        rows(page, HighKey.values(), HighKey::meaning);

        Approval.check(Path.of("..", "docs", "metrics.md"), page.toString());
    }

    private static String keys(KeyName[] keys) {
        return Arrays.stream(keys).map(key -> "`" + key.asString() + "`").collect(Collectors.joining(", "));
    }

    private static <K extends KeyName> void rows(StringBuilder page, K[] keys, Function<K, String> meaning) {
        for (K key : keys) {
            page.append("| `")
                    .append(key.asString())
                    .append("` | ")
                    .append(meaning.apply(key))
                    .append(" |\n");
        }
    }

    @Test
    void a_running_queue_registers_what_is_in_the_catalogue_and_nothing_else() throws Exception {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(Scripted.broker())
                .tasks(new Tasks())
                .install(MicrometerMetrics.of(registry))
                .install(new HeardLast(events))
                .start()) {
            queue.enqueueAll(List.of(call(Tasks::send), call(Tasks::send)));
            events.await(QueueEvent.Succeeded.class, 2);
            Waits.until(
                    "requests were measured",
                    () -> registry.find("tidemill.broker.batch").summaries().size() > 2);

            assertThat(registered()).isEqualTo(catalogue());
        }
    }

    private Set<String> registered() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .map(id -> row(
                        id.getName(),
                        id.getType(),
                        id.getTags().stream().map(Tag::getKey),
                        unit(id),
                        String.valueOf(id.getDescription())))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> catalogue() {
        return Arrays.stream(QueueMeters.values())
                .map(meter -> row(
                        meter.getName(),
                        meter.getType(),
                        meter.tags().stream().map(MeterTag::asString),
                        meter.getBaseUnit() == null ? "" : meter.getBaseUnit(),
                        meter.meaning()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String unit(Meter.Id id) {
        return id.getBaseUnit() == null ? "" : id.getBaseUnit();
    }

    private static String row(String name, Meter.Type type, Stream<String> tags, String unit, String meaning) {
        return name + " " + type + " " + tags.sorted().toList() + " " + unit + " " + meaning;
    }

    @Test
    void an_observation_has_the_keys_that_are_in_the_catalogue_and_no_others() throws Exception {
        List<Observation.Context> seen = new CopyOnWriteArrayList<>();
        ObservationRegistry observed = ObservationRegistry.create();
        observed.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {
            @Override
            public void onStop(Observation.Context context) {
                seen.add(context);
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .listener(events)
                .install(JobObservations.of(observed))
                .start()) {
            queue.enqueue(Tasks::send);
            queue.enqueueAll(List.of(call(Tasks::send)));
            events.await(QueueEvent.Succeeded.class, 2);
        }

        for (JobObservationDocumentation observation : JobObservationDocumentation.values()) {
            Observation.Context context = seen.stream()
                    .filter(each -> observation.getName().equals(each.getName()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + observation + " in " + seen));
            assertThat(context.getLowCardinalityKeyValues().stream().map(each -> each.getKey()))
                    .containsExactlyInAnyOrder(names(observation.getLowCardinalityKeyNames()));
            assertThat(context.getHighCardinalityKeyValues().stream().map(each -> each.getKey()))
                    .containsExactlyInAnyOrder(names(observation.getHighCardinalityKeyNames()));
        }
    }

    private static String[] names(KeyName[] keys) {
        return Arrays.stream(keys).map(KeyName::asString).toArray(String[]::new);
    }
}
