package io.tidemill.broker.memory;

import io.tidemill.task.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that may be claimed now: one line per priority. A job that was cancelled or has expired stays in its line until
 * it comes to the front, because taking it out of the middle would cost a walk; it is no longer counted.
 */
final class ReadyJobs {

    /** How many ended jobs may stand in the lines however few others there are. */
    private static final int FEW = 64;

    private final List<ArrayDeque<StoredJob>> lines = new ArrayList<>();
    private int size;
    private int ended;

    ReadyJobs() {
        for (int priority = Priority.LOWEST; priority <= Priority.HIGHEST; priority++) {
            lines.add(new ArrayDeque<>());
        }
    }

    void addLast(StoredJob job) {
        lines.get(job.priority).addLast(job);
        size++;
    }

    /** Puts jobs before all others of their priority; among themselves they keep the order of the list. */
    void addFirst(List<StoredJob> jobs) {
        for (int i = jobs.size() - 1; i >= 0; i--) {
            lines.get(jobs.get(i).priority).addFirst(jobs.get(i));
        }
        size += jobs.size();
    }

    /** Takes the first jobs, highest priority first. A suspect comes alone: the batch ends before it. */
    List<StoredJob> take(int limit) {
        List<StoredJob> batch = new ArrayList<>();
        while (batch.size() < limit) {
            ArrayDeque<StoredJob> line = firstLine();
            if (line == null || (line.element().isSuspect() && !batch.isEmpty())) {
                break;
            }
            StoredJob job = line.remove();
            size--;
            batch.add(job);
            if (job.isSuspect()) {
                break;
            }
        }
        return batch;
    }

    /** Takes the first jobs whatever they are. */
    List<StoredJob> takeOut(int limit) {
        List<StoredJob> out = new ArrayList<>();
        for (ArrayDeque<StoredJob> line = firstLine(); line != null && out.size() < limit; line = firstLine()) {
            out.add(line.remove());
            size--;
        }
        return out;
    }

    /** Counts one job out that has just ended without being taken. */
    void endedOne() {
        size--;
        ended++;
        // Walks only when most of what stands here has ended: constant time per ended job in the long run.
        if (ended > FEW && ended > size) {
            lines.forEach(line -> line.removeIf(ReadyJobs::hasEnded));
            ended = 0;
        }
    }

    /** All of them in the order they run. */
    List<StoredJob> inOrder() {
        List<StoredJob> all = new ArrayList<>(size);
        for (int priority = Priority.HIGHEST; priority >= Priority.LOWEST; priority--) {
            for (StoredJob job : lines.get(priority)) {
                if (!hasEnded(job)) {
                    all.add(job);
                }
            }
        }
        return all;
    }

    int size() {
        return size;
    }

    /** The line to take the next job from; null if there is none. */
    private @Nullable ArrayDeque<StoredJob> firstLine() {
        for (int priority = Priority.HIGHEST; priority >= Priority.LOWEST; priority--) {
            ArrayDeque<StoredJob> line = lines.get(priority);
            while (!line.isEmpty() && hasEnded(line.element())) {
                line.remove();
                ended--;
            }
            if (!line.isEmpty()) {
                return line;
            }
        }
        return null;
    }

    private static boolean hasEnded(StoredJob job) {
        return job.state.isFinal();
    }
}
