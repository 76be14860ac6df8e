package io.tidemill.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.Search;
import java.util.List;

/** Reads meters for tests: {@code count(JOBS_ENDED, "queue", "mail", "outcome", "dead")}. */
record Meters(MeterRegistry registry) {

    /** What the counters of this meter with these tags have counted together. */
    double count(QueueMeters meter, String... tags) {
        return find(meter, tags).counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    /** How often the timers of this meter with these tags have recorded. */
    long times(QueueMeters meter, String... tags) {
        return find(meter, tags).timers().stream()
                .mapToLong(timer -> timer.count())
                .sum();
    }

    /** The value of the only gauge of this meter with these tags. */
    double gauge(QueueMeters meter, String... tags) {
        List<Double> values =
                find(meter, tags).gauges().stream().map(gauge -> gauge.value()).toList();
        if (values.size() != 1) {
            throw new AssertionError("expected one gauge " + meter + " " + List.of(tags) + ", got " + values);
        }
        return values.get(0);
    }

    /** The different values of a tag, over all meters. */
    List<String> values(MeterTag tag) {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getTag(tag.asString()))
                .filter(value -> value != null)
                .distinct()
                .sorted()
                .toList();
    }

    List<Meter> gauges() {
        return registry.getMeters().stream()
                .filter(meter -> meter.getId().getType() == Meter.Type.GAUGE)
                .toList();
    }

    private Search find(QueueMeters meter, String... tags) {
        return registry.find(meter.getName()).tags(tags);
    }
}
