package io.tidemill.metrics;

import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what happens to jobs, by queue and task.
 *
 * <p>Thread-safe. An event costs two look-ups by text and an increment.
 */
final class JobMeters implements QueueListener {

    private final Registrar registrar;
    private final KnownNames names;
    /** By queue, then by task. */
    private final Map<String, Map<String, TaskMeters>> meters = new ConcurrentHashMap<>();

    JobMeters(Registrar registrar, KnownNames names) {
        this.registrar = registrar;
        this.names = names;
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof JobEvent job) {
            of(job.queue(), job.task()).count(job);
        }
    }

    /** The meters of this task in this queue; registers them if there are none. */
    TaskMeters of(String queue, String task) {
        String knownQueue = names.queue(queue);
        String knownTask = names.task(task);
        return meters.computeIfAbsent(knownQueue, each -> new ConcurrentHashMap<>())
                .computeIfAbsent(knownTask, each -> new TaskMeters(registrar, knownQueue, knownTask));
    }
}
