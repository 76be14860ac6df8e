package io.tidemill.broker.memory;

import io.tidemill.broker.Broker;
import io.tidemill.queue.Limits;
import io.tidemill.task.Priority;
import io.tidemill.text.PrintableText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that wait to be claimed: one line per priority, and the groups, which take turns. The order is: the priorities
 * above the default, then the default priority and groups' turns, one by one, then the priorities below. A job that was
 * cancelled or has expired stays in its line until it comes to the front, because taking it out of the middle would
 * cost a walk; it is no longer counted.
 */
final class ReadyJobs {

    /** How many ended jobs may stand in the lines however few others there are. */
    private static final int FEW = 64;

    /** At most so many jobs are looked at to find the place of one that comes back. */
    private static final int MOST_BEFORE = 1000;

    private final List<ArrayDeque<StoredJob>> lines = new ArrayList<>();
    private final GroupRotation turns;
    /** Whether a group goes before the default priority, because that had its turn. */
    private boolean isGroupsTurn;

    private int size;
    private int ended;

    /** None; the limits of a group are asked for by its name. */
    ReadyJobs(Function<String, Limits> limits) {
        turns = new GroupRotation(limits);
        for (int priority = Priority.LOWEST; priority <= Priority.HIGHEST; priority++) {
            lines.add(new ArrayDeque<>());
        }
    }

    void addLast(StoredJob job) {
        if (job.constraints.group() != null) {
            turns.addLast(job);
        } else {
            lines.get(job.priority).addLast(job);
        }
        size++;
    }

    /**
     * Puts jobs that come back before all others of their line, but behind those with smaller ids that came back, too.
     * In a line that runs in order only those of this call count.
     */
    void addFirst(List<StoredJob> jobs, Predicate<StoredJob> isInOrder) {
        Comparator<StoredJob> byId = Comparator.comparing(job -> job.id, PrintableText.ORDER);
        jobs.stream().filter(isInOrder.negate()).sorted(byId).forEach(job -> addFirst(lineOf(job), job));
        jobs.stream()
                .filter(isInOrder)
                .sorted(byId.reversed())
                .forEach(job -> lineOf(job).addFirst(job));
        jobs.stream().filter(job -> job.constraints.group() != null).forEach(turns::appear);
        size += jobs.size();
    }

    /** Puts a job before all others of its line, whatever came back. */
    void addAhead(StoredJob job) {
        lineOf(job).addFirst(job);
        if (job.constraints.group() != null) {
            turns.appear(job);
        }
        size++;
    }

    private ArrayDeque<StoredJob> lineOf(StoredJob job) {
        return job.constraints.group() != null ? turns.lineOf(job) : lines.get(job.priority);
    }

    private static void addFirst(ArrayDeque<StoredJob> line, StoredJob job) {
        List<StoredJob> before = new ArrayList<>();
        while (before.size() < MOST_BEFORE && !line.isEmpty() && goesBefore(line.element(), job)) {
            before.add(line.remove());
        }
        line.addFirst(job);
        for (int i = before.size() - 1; i >= 0; i--) {
            line.addFirst(before.get(i));
        }
    }

    private static boolean goesBefore(StoredJob first, StoredJob job) {
        return hasEnded(first) || (first.hasComeBack() && PrintableText.ORDER.compare(first.id, job.id) < 0);
    }

    /**
     * Takes the first jobs that no limit of a group holds up. A suspect comes alone: the batch ends before it. So it
     * does before a job with which it would be too large.
     */
    List<StoredJob> take(int limit, long now) {
        List<StoredJob> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < limit) {
            StoredJob job = first(now);
            boolean isTooMuch = job != null && bytes + job.body.length > Broker.MAX_CLAIM_BYTES;
            if (job == null || ((job.isSuspect() || isTooMuch) && !batch.isEmpty())) {
                break;
            }
            bytes += job.body.length;
            take(job, now);
            batch.add(job);
            if (job.isSuspect()) {
                break;
            }
        }
        return batch;
    }

    /** Takes the first jobs whatever they are and whatever holds them up, groups one after the other. */
    List<StoredJob> takeOut(int limit) {
        List<StoredJob> out = new ArrayList<>();
        takeOut(Priority.HIGHEST, Priority.DEFAULT, limit, out);
        turns.takeOut(limit - out.size(), out, ReadyJobs::hasEnded, () -> ended--, () -> size--);
        takeOut(Priority.DEFAULT - 1, Priority.LOWEST, limit, out);
        return out;
    }

    private void takeOut(int from, int to, int limit, List<StoredJob> out) {
        for (StoredJob job = first(from, to); job != null && out.size() < limit; job = first(from, to)) {
            lines.get(job.priority).remove();
            size--;
            out.add(job);
        }
    }

    /** Whether there is a job that no limit of a group holds up. Groups are looked at whatever goes before them. */
    boolean hasNext(long now) {
        return firstOfGroups(now) != null || first(now) != null;
    }

    /** How long until a rate lets a group go on, in ms; -1 if none waits for that. */
    long moreInMillis(long now) {
        return turns.moreInMillis(now);
    }

    /** How many jobs, and jobs that ended, stand in the lines of groups that limits hold back. */
    int held(long now) {
        return turns.held(now);
    }

    /** Whether a group waits until one of its jobs stops running. */
    boolean waitsForRoom() {
        return turns.waitsForRoom();
    }

    /** When one more job of a group may start: now, later, or {@link Group#UNTIL_ROOM}. */
    long servableAt(String group, long now) {
        return turns.servableAt(group, now);
    }

    /** The one job that has a place in the group; null if there are several, or none. */
    @Nullable
    String onlyHolder(String group) {
        return turns.onlyHolder(group);
    }

    /** A job has no place in its group any more. Returns whether that lets its group take turns again. */
    boolean left(StoredJob job) {
        return job.constraints.group() != null && turns.left(job);
    }

    /** Lets groups take turns again whose time has come, and forgets those that are over. */
    boolean unpark(long now) {
        turns.forget(now);
        return turns.unpark(now);
    }

    /** The limits of the groups of these names have changed. */
    void limitsChanged(Predicate<String> groups) {
        turns.unpark(groups);
    }

    /** Counts one job out that has just ended without being taken. */
    void endedOne() {
        size--;
        ended++;
        // Walks only when most of what stands here has ended: constant time per ended job in the long run.
        if (ended > FEW && ended > size) {
            lines.forEach(line -> line.removeIf(ReadyJobs::hasEnded));
            turns.removeIf(ReadyJobs::hasEnded);
            ended = 0;
        }
    }

    /** All of them in the order they run; groups one after the other. */
    List<StoredJob> inOrder() {
        List<StoredJob> all = new ArrayList<>(size);
        for (int priority = Priority.HIGHEST; priority >= Priority.LOWEST; priority--) {
            all.addAll(lines.get(priority));
            if (priority == Priority.DEFAULT) {
                all.addAll(turns.inOrder());
            }
        }
        all.removeIf(ReadyJobs::hasEnded);
        return all;
    }

    int size() {
        return size;
    }

    private @Nullable StoredJob first(long now) {
        StoredJob high = first(Priority.HIGHEST, Priority.DEFAULT + 1);
        if (high != null) {
            return high;
        }
        StoredJob grouped = firstOfGroups(now);
        StoredJob plain = first(Priority.DEFAULT, Priority.DEFAULT);
        if (grouped != null && (plain == null || isGroupsTurn)) {
            return grouped;
        }
        return plain != null ? plain : first(Priority.DEFAULT - 1, Priority.LOWEST);
    }

    private @Nullable StoredJob first(int from, int to) {
        for (int priority = from; priority >= to; priority--) {
            ArrayDeque<StoredJob> line = lines.get(priority);
            while (!line.isEmpty() && hasEnded(line.element())) {
                line.remove();
                ended--;
            }
            if (!line.isEmpty()) {
                return line.element();
            }
        }
        return null;
    }

    private @Nullable StoredJob firstOfGroups(long now) {
        return turns.first(now, ReadyJobs::hasEnded, () -> ended--);
    }

    private void take(StoredJob job, long now) {
        size--;
        if (job.constraints.group() != null) {
            turns.take(now);
            isGroupsTurn = false;
            return;
        }
        lines.get(job.priority).remove();
        if (job.priority == Priority.DEFAULT && firstOfGroups(now) != null) {
            isGroupsTurn = true;
        }
    }

    private static boolean hasEnded(StoredJob job) {
        return job.state.isFinal();
    }
}
