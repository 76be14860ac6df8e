package io.tidemill.examples.ecoeaze.dashboard;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.admin.WorkerInfo;
import io.tidemill.task.JobState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What an operator asks first: what is running, and how much was done. Thread-safe. */
public final class Inspector {

    private static final int PAGE = 100;

    private final QueueAdmin admin;

    /** Asks here. */
    public Inspector(QueueAdmin admin) {
        this.admin = admin;
    }

    /**
     * A job that is running.
     *
     * @param worker who runs it; empty if that is not known
     */
    public record ActiveJob(String queue, String task, String id, String worker) {}

    /**
     * A process that works.
     *
     * @param concurrency how many jobs it runs at once, at most
     * @param active how many it runs now
     */
    public record WorkerFigures(String id, String host, long pid, Instant started, int concurrency, int active) {}

    /**
     * How much was done.
     *
     * @param queues by queue
     * @param workers who is working
     */
    public record Stats(Map<String, QueueFigures> queues, List<WorkerFigures> workers) {}

    /** The jobs that are running, at most 100 of each queue. */
    public List<ActiveJob> active() {
        return admin.queues().stream().flatMap(this::active).toList();
    }

    private Stream<ActiveJob> active(String queue) {
        Map<String, String> workers = new HashMap<>();
        admin.workers(queue).forEach(worker -> worker.active().forEach(job -> workers.put(job, worker.id())));
        return admin.list(queue, JobState.ACTIVE, 0, PAGE).stream()
                .map(job ->
                        new ActiveJob(queue, String.valueOf(job.task()), job.id(), workers.getOrDefault(job.id(), "")));
    }

    /** Jobs by queue, and who works on them. */
    public Stats stats() {
        Map<String, QueueFigures> queues = new TreeMap<>();
        Map<String, WorkerFigures> workers = new TreeMap<>();
        for (String queue : admin.queues()) {
            queues.put(queue, QueueFigures.of(admin.counts(queue)));
            // A worker of several queues is listed with each of them, and with that queue's jobs
            for (WorkerInfo worker : admin.workers(queue)) {
                workers.merge(worker.id(), figures(worker), Inspector::plus);
            }
        }
        return new Stats(queues, new ArrayList<>(workers.values()));
    }

    private static WorkerFigures figures(WorkerInfo worker) {
        return new WorkerFigures(
                worker.id(),
                worker.host(),
                worker.pid(),
                worker.started(),
                worker.concurrency(),
                worker.active().size());
    }

    private static WorkerFigures plus(WorkerFigures one, WorkerFigures other) {
        return new WorkerFigures(one.id, one.host, one.pid, one.started, one.concurrency, one.active + other.active);
    }
}
