package io.tidemill.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.tidemill.event.Probe;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Measures requests to the broker and its scripts, slots and loops.
 *
 * <p>Thread-safe.
 */
final class BrokerMeters implements Probe {

    /** The gauges of the core, by their names. One that is not in here, as of a later version, is not shown. */
    private static final Map<String, QueueMeters> GAUGES = Map.of(
            "slots.used", QueueMeters.SLOTS_USED,
            "slots.total", QueueMeters.SLOTS_TOTAL,
            "loop.late", QueueMeters.LOOP_LATE);

    private record HopMeters(Timer answered, Timer failed, DistributionSummary sizes) {

        static HopMeters of(Registrar registrar, String hop) {
            return new HopMeters(
                    registrar.timer(QueueMeters.BROKER_REQUESTS, hop, "answered"),
                    registrar.timer(QueueMeters.BROKER_REQUESTS, hop, "failed"),
                    registrar.summary(QueueMeters.BROKER_BATCH, hop));
        }
    }

    private record ScriptMeters(Timer answered, Timer failed) {

        static ScriptMeters of(Registrar registrar, String script) {
            return new ScriptMeters(
                    registrar.timer(QueueMeters.BROKER_SCRIPTS, script, "answered"),
                    registrar.timer(QueueMeters.BROKER_SCRIPTS, script, "failed"));
        }
    }

    private final Registrar registrar;
    private final Map<String, ScriptMeters> scripts = new ConcurrentHashMap<>();
    private final Map<String, HopMeters> hops = new ConcurrentHashMap<>();

    BrokerMeters(Registrar registrar) {
        this.registrar = registrar;
    }

    @Override
    public void answered(Hop hop) {
        HopMeters meters = hops.computeIfAbsent(hop.name(), name -> HopMeters.of(registrar, name));
        (hop.hasFailed() ? meters.failed() : meters.answered()).record(hop.took());
        meters.sizes().record(hop.size());
    }

    @Override
    public void executed(Script script) {
        ScriptMeters meters = scripts.computeIfAbsent(script.name(), name -> ScriptMeters.of(registrar, name));
        (script.hasFailed() ? meters.failed() : meters.answered()).record(script.took());
    }

    @Override
    public void gauge(Gauge gauge) {
        QueueMeters meter = GAUGES.get(gauge.name());
        if (meter == QueueMeters.LOOP_LATE) {
            registrar.gauge(meter, gauge::value, gauge.owner());
        } else if (meter != null) {
            registrar.gauge(meter, gauge::value);
        }
    }
}
