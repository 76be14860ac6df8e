package io.tidemill.metrics;

import io.micrometer.core.instrument.Timer;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Measures how late schedules fire, by queue: names of schedules are no tags, as programs make them up.
 *
 * <p>Thread-safe.
 */
final class ScheduleMeters implements QueueListener {

    private final Registrar registrar;
    private final KnownNames names;
    private final Map<String, Timer> late = new ConcurrentHashMap<>();

    ScheduleMeters(Registrar registrar, KnownNames names) {
        this.registrar = registrar;
        this.names = names;
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof QueueEvent.Fired fired) {
            of(fired.queue()).record(fired.late());
        }
    }

    /** The timer of this queue; registers it if there is none. */
    Timer of(String queue) {
        return late.computeIfAbsent(names.queue(queue), name -> registrar.timer(QueueMeters.SCHEDULES_LATE, name));
    }
}
