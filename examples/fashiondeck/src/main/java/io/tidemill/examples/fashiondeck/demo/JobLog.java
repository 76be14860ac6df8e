package io.tidemill.examples.fashiondeck.demo;

import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Remembers what happened to every job, and knows when all of them have ended. Give it to the process that asks for
 * jobs and to the one that runs them. Thread-safe.
 */
public final class JobLog implements QueueListener {

    private final Consumer<JobEvent> reader;
    private final List<JobEvent> events = new ArrayList<>();

    /** Shows each event to this reader as it happens. */
    public JobLog(Consumer<JobEvent> reader) {
        this.reader = reader;
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof JobEvent ofJob) {
            add(ofJob);
        }
    }

    private synchronized void add(JobEvent event) {
        events.add(event);
        reader.accept(event);
        notifyAll();
    }

    /**
     * Waits until these jobs, and all others that were requested, have ended.
     *
     * @return the jobs that have not; empty if all is well
     */
    public Set<String> awaitEnd(Collection<String> jobs, Duration timeout) throws InterruptedException {
        await(all -> open(all, jobs).isEmpty(), timeout);
        return open(events(), jobs);
    }

    /**
     * Waits until the events are so.
     *
     * @return whether they came to be
     */
    public synchronized boolean await(Predicate<List<JobEvent>> condition, Duration timeout)
            throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!condition.test(events)) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            wait(millis);
        }
        return true;
    }

    private static Set<String> open(List<JobEvent> events, Collection<String> jobs) {
        Set<String> open = new HashSet<>(jobs);
        events.stream()
                .filter(QueueEvent.Enqueued.class::isInstance)
                .map(JobEvent::jobId)
                .forEach(open::add);
        events.stream().filter(JobEvent::isEnd).map(JobEvent::jobId).forEach(open::remove);
        return open;
    }

    /** Everything so far. */
    public synchronized List<JobEvent> events() {
        return List.copyOf(events);
    }

    /** What of one kind happened to one job. */
    public <E extends JobEvent> List<E> of(String jobId, Class<E> kind) {
        return events().stream()
                .filter(event -> event.jobId().equals(jobId))
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** How many events of a kind each task had, in the order of the tasks' names. */
    public Map<String, Long> count(Class<? extends JobEvent> kind) {
        Map<String, Long> counts = new TreeMap<>();
        events().stream().filter(kind::isInstance).forEach(event -> counts.merge(event.task(), 1L, Long::sum));
        return counts;
    }
}
