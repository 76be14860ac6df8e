package io.tidemill.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Registers meters of the catalogue for one {@code TaskQueue}: names and tags come from {@link QueueMeters} alone.
 *
 * <p>Thread-safe.
 */
final class Registrar {

    private final MeterRegistry registry;
    private final String name;
    private final List<Meter> gauges = new CopyOnWriteArrayList<>();

    /**
     * A registrar.
     *
     * @param name the value of {@link MeterTag#NAME} in all of its meters
     */
    Registrar(MeterRegistry registry, String name) {
        this.registry = registry;
        this.name = name;
    }

    /** A counter with these values for its tags but for the name, in the order of the catalogue. */
    Counter counter(QueueMeters meter, String... values) {
        return Counter.builder(meter.getName())
                .description(meter.meaning())
                .tags(tags(meter, values))
                .register(registry);
    }

    /** A timer, likewise. */
    Timer timer(QueueMeters meter, String... values) {
        return Timer.builder(meter.getName())
                .description(meter.meaning())
                .tags(tags(meter, values))
                .register(registry);
    }

    /** A distribution of sizes, likewise. */
    DistributionSummary summary(QueueMeters meter, String... values) {
        return DistributionSummary.builder(meter.getName())
                .description(meter.meaning())
                .tags(tags(meter, values))
                .register(registry);
    }

    /**
     * A gauge, likewise.
     *
     * @param value asked at every scrape; in ms if the meter is a time
     */
    void gauge(QueueMeters meter, Supplier<Number> value, String... values) {
        gauges.add(
                meter.isTime()
                        ? TimeGauge.builder(meter.getName(), value, TimeUnit.MILLISECONDS)
                                .description(meter.meaning())
                                .tags(tags(meter, values))
                                .register(registry)
                        : Gauge.builder(meter.getName(), value)
                                .description(meter.meaning())
                                .tags(tags(meter, values))
                                .register(registry));
    }

    /** Takes the gauges out: nobody knows their values any more. What was counted stays. */
    void removeGauges() {
        gauges.forEach(registry::remove);
        gauges.clear();
    }

    private Tags tags(QueueMeters meter, String... values) {
        List<MeterTag> keys = meter.tags();
        if (keys.size() != values.length + 1) {
            throw new IllegalArgumentException(
                    meter + " has the tags " + keys + ", got the name and " + values.length + " more");
        }
        Tags tags = Tags.of(MeterTag.NAME.asString(), name);
        for (int i = 0; i < values.length; i++) {
            tags = tags.and(keys.get(i + 1).asString(), values[i]);
        }
        return tags;
    }
}
