package io.tidemill.examples.common;

import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Remembers what happened to every job, in order, and knows when all of them have ended. Thread-safe. */
public final class JobLog implements QueueListener {

    /**
     * One event.
     *
     * @param at when, since the log began
     * @param event what
     */
    public record Entry(Duration at, JobEvent event) {

        /** Its place on the job's way: each run begins before it ends, and ends before the next one begins. */
        int step() {
            if (event instanceof QueueEvent.Started started) {
                return 2 * started.attempt();
            } else if (event instanceof QueueEvent.Retrying retry) {
                return 2 * retry.attempt() + 1;
            } else if (event instanceof QueueEvent.Released released) {
                return 2 * released.attempt() + 1;
            }
            return event.isEnd() ? Integer.MAX_VALUE : 0;
        }
    }

    private final long began = System.nanoTime();
    private final Consumer<Entry> reader;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> open = new HashSet<>();
    private final Set<String> ended = new HashSet<>();

    /** Shows each event to this reader as it happens. */
    public JobLog(Consumer<Entry> reader) {
        this.reader = reader;
    }

    /** How long ago the log began. */
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof JobEvent ofJob) {
            add(ofJob);
        }
    }

    private synchronized void add(JobEvent event) {
        Entry entry = new Entry(elapsed(), event);
        entries.add(entry);
        if (event.isEnd()) {
            open.remove(event.jobId());
            ended.add(event.jobId());
        } else if (!(event instanceof QueueEvent.Duplicate) && !ended.contains(event.jobId())) {
            open.add(event.jobId());
        }
        reader.accept(entry);
        notifyAll();
    }

    /**
     * Waits until these jobs, and all others that were seen, have ended.
     *
     * @return the jobs that have not; empty if all is well
     */
    public synchronized Set<String> awaitEnd(Collection<String> jobs, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!open.isEmpty() || !ended.containsAll(jobs)) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                break;
            }
            wait(millis);
        }
        Set<String> late = new HashSet<>(jobs);
        late.removeAll(ended);
        late.addAll(open);
        return late;
    }

    /**
     * Waits until the log is so.
     *
     * @return whether it came to be
     */
    public synchronized boolean await(Predicate<List<Entry>> condition, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!condition.test(entries)) {
            long millis = (end - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                return false;
            }
            wait(millis);
        }
        return true;
    }

    /** Everything so far. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** Everything so far, without the times. */
    public List<JobEvent> events() {
        return entries().stream().map(Entry::event).toList();
    }

    /**
     * What happened to one job, in the order of its attempts. Events are published on several threads, so when the next
     * run begins at once, its beginning may be published before the end of the one before.
     */
    public List<Entry> of(String jobId) {
        return entries().stream()
                .filter(entry -> entry.event().jobId().equals(jobId))
                .sorted(Comparator.comparingInt(Entry::step))
                .toList();
    }

    /** What of one kind happened to one job, in the order of its attempts. */
    public <E extends JobEvent> List<E> of(String jobId, Class<E> kind) {
        return of(jobId).stream()
                .map(Entry::event)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /**
     * When a worker took a job for the first time, as the broker has it: threads that begin a run may be slow to say
     * so. Empty if none did.
     */
    public Optional<Duration> takenAt(String jobId) {
        List<Entry> way = of(jobId);
        return way.stream()
                .filter(entry -> entry.event() instanceof QueueEvent.Started)
                .map(entry -> ((QueueEvent.Started) entry.event()).run().waited())
                .filter(Objects::nonNull)
                .map(waited -> way.get(0).at().plus(waited))
                .findFirst();
    }

    /** Sums by task, in the order of their names. */
    public Collection<TaskTotals> totals() {
        TreeMap<String, TaskTotals> totals = new TreeMap<>();
        for (Entry entry : entries()) {
            JobEvent event = entry.event();
            totals.merge(event.task(), TaskTotals.of(event), TaskTotals::plus);
        }
        return totals.values();
    }
}
