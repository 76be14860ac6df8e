package io.tidemill.broker.memory;

import io.tidemill.broker.Broker;
import io.tidemill.broker.DueSchedules;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.text.PrintableText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The schedules of one queue: the specification of {@link io.tidemill.broker.ScheduleStore}, and of the step that a job
 * carries. Guarded by the lock of the queue.
 */
final class QueueSchedules {

    /** What a step came to: see {@link ScheduleStep}. */
    enum Stepped {
        NOW,
        BEFORE,
        NOT
    }

    /**
     * A schedule in its place.
     *
     * @param atMillis when it is brought: when it is due, or until when it is held; the highest number for never
     */
    private record Placed(StoredSchedule schedule, long atMillis) {

        private static final Comparator<Placed> ORDER = Comparator.comparingLong(Placed::atMillis)
                .thenComparing(placed -> placed.schedule.name(), PrintableText.ORDER);

        static Placed of(StoredSchedule schedule) {
            return new Placed(schedule, schedule.fireAtMillis() < 0 ? Long.MAX_VALUE : schedule.fireAtMillis());
        }
    }

    private final MemoryQueue queue;
    private final Map<String, Placed> byName = new HashMap<>();
    private final TreeSet<Placed> inOrder = new TreeSet<>(Placed.ORDER);

    QueueSchedules(MemoryQueue queue) {
        this.queue = queue;
    }

    DueSchedules take(int limit, long holdMillis, Set<String> except) {
        Page page = new Page(limit);
        List<Placed> taken = others(except)
                .takeWhile(placed -> placed.atMillis <= queue.now && page.hasRoomFor(placed))
                .toList();
        taken.forEach(placed -> place(new Placed(placed.schedule, queue.now + holdMillis)));
        long next = others(except).findFirst().map(Placed::atMillis).orElse(Long.MAX_VALUE);
        return new DueSchedules(
                taken.stream().map(Placed::schedule).toList(),
                queue.now,
                next == Long.MAX_VALUE ? StoredSchedule.NEVER : next);
    }

    private Stream<Placed> others(Set<String> except) {
        return inOrder.stream().filter(placed -> !except.contains(placed.schedule.name()));
    }

    boolean write(Optional<String> expected, StoredSchedule schedule) {
        String revision = revision(schedule.name());
        if (schedule.revision().equals(revision)) {
            return true;
        }
        boolean isExpected = expected.equals(Optional.ofNullable(revision));
        if (isExpected) {
            place(Placed.of(schedule));
        }
        return isExpected;
    }

    boolean remove(String name, String expected) {
        Placed there = byName.get(name);
        if (there == null) {
            return true;
        }
        if (!there.schedule.revision().equals(expected)) {
            return false;
        }
        byName.remove(name);
        inOrder.remove(there);
        return true;
    }

    /** Takes the step if the schedule has the revision that it expects. */
    Stepped step(ScheduleStep step) {
        String revision = revision(step.after().name());
        if (step.after().revision().equals(revision)) {
            return Stepped.BEFORE;
        }
        if (!step.expected().equals(revision)) {
            return Stepped.NOT;
        }
        place(Placed.of(step.after()));
        return Stepped.NOW;
    }

    Optional<StoredSchedule> find(String name) {
        return Optional.ofNullable(byName.get(name)).map(Placed::schedule);
    }

    FoundSchedules find(List<String> names) {
        List<StoredSchedule> found = new ArrayList<>();
        Page page = new Page(names.size());
        int looked = 0;
        for (String name : names) {
            Placed there = byName.get(name);
            if (there != null) {
                if (!page.hasRoomFor(there)) {
                    break;
                }
                found.add(there.schedule);
            }
            looked++;
        }
        return new FoundSchedules(List.copyOf(found), looked, queue.now);
    }

    List<StoredSchedule> list(int offset, int limit) {
        Page page = new Page(limit);
        return inOrder.stream()
                .skip(offset)
                .takeWhile(page::hasRoomFor)
                .map(Placed::schedule)
                .toList();
    }

    int count() {
        return byName.size();
    }

    /** When the first of them is brought; the highest number for never. */
    long firstMillis() {
        Placed first = inOrder.isEmpty() ? null : inOrder.first();
        return first == null ? Long.MAX_VALUE : first.atMillis;
    }

    private @Nullable String revision(String name) {
        Placed there = byName.get(name);
        return there == null ? null : there.schedule.revision();
    }

    private void place(Placed placed) {
        Placed before = byName.put(placed.schedule.name(), placed);
        if (before != null) {
            inOrder.remove(before);
        }
        inOrder.add(placed);
    }

    /** What one answer holds: so many, and so many bytes, but at least one. */
    private static final class Page {

        private final int most;
        private int size;
        private long bytes;

        Page(int most) {
            this.most = most;
        }

        /** Whether it has room for one more, which it then holds. */
        boolean hasRoomFor(Placed next) {
            bytes += next.schedule.content().length;
            return size++ < most && (size == 1 || bytes <= Broker.MAX_CLAIM_BYTES);
        }
    }
}
