package io.tidemill.schedule;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves schedules to other queues, and leaves one of each name.
 *
 * <p>A schedule that goes to another queue is stopped in the old one, stored in the new one, and removed from the old
 * one, in this order. So it never fires in both, and a process that dies in between leaves it where it can be seen, and
 * put again.
 *
 * <p>Thread-safe.
 */
final class ScheduleMover {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final int MOST_TRIES = 100;

    private final ScheduleAccess access;

    ScheduleMover(ScheduleAccess access) {
        this.access = access;
    }

    /**
     * Moves it.
     *
     * @param from as it was found
     * @param after what it is to be
     * @return whether it has moved; else somebody was first
     */
    boolean move(ScheduleInfo from, ScheduleState after, String queue, long now) {
        String name = from.name();
        ScheduleState before = ScheduleAccess.readable(from);
        if (before.movedTo() == null && !access.write(from, before.movingTo(queue), now)) {
            return false;
        }
        // Read again, since it may have been paused between the two.
        Optional<ScheduleInfo> left = moving(from);
        if (left.isEmpty()) {
            return false;
        }
        ScheduleState leaving = ScheduleAccess.readable(left.get());
        ScheduleState arriving =
                leaving.define(after.definition(), after.owner(), now).arrived();
        if (!access.create(queue, name, arriving, now) && !replaceLeftOver(queue, name, arriving, now)) {
            return false;
        }
        while (left.isPresent() && !access.remove(left.get())) {
            left = moving(from);
            left.ifPresent(changed -> followPause(queue, name, ScheduleAccess.readable(changed)));
        }
        return true;
    }

    /** A move in the other direction broke off after it had arrived. What it left there never fires. */
    private boolean replaceLeftOver(String queue, String name, ScheduleState arriving, long now) {
        return access.find(queue, name)
                .filter(ScheduleAccess::isMoving)
                .filter(leftOver -> access.write(leftOver, arriving, now))
                .isPresent();
    }

    private Optional<ScheduleInfo> moving(ScheduleInfo from) {
        return access.find(from.queue(), from.name()).filter(ScheduleAccess::isMoving);
    }

    /** Somebody paused or resumed the one that leaves after it was read: so is the one that has arrived. */
    private void followPause(String queue, String name, ScheduleState leaving) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<ScheduleInfo> arrived = access.find(queue, name);
            if (arrived.isEmpty()) {
                return;
            }
            long now = access.nowMillis(queue);
            ScheduleState state = ScheduleAccess.readable(arrived.get());
            ScheduleState after = leaving.paused() ? state.pause(now) : state.resume(now);
            if (state.paused() == leaving.paused() || access.write(arrived.get(), after, now)) {
                return;
            }
        }
    }

    /**
     * Leaves one of each name. Two processes that put a new name into two queues at once both create it, and so do two
     * that move it into each other's queue. Each of them looks again after that, so at least one sees both, and all
     * agree which one stays: that of the lesser queue.
     *
     * @param queues by name, where each was created
     */
    void removeSpares(Map<String, String> queues) {
        if (queues.isEmpty()) {
            return;
        }
        ScheduleAccess.Look look = access.lookElsewhere(queues.keySet(), new TreeSet<>(queues.values()));
        queues.forEach((name, queue) -> {
            if (look.all(name).stream()
                    .anyMatch(info -> isSettled(info) && !info.queue().equals(queue))) {
                removeSpare(name);
            }
        });
    }

    /** As {@link #removeSpares}, of one name. */
    void removeSpare(String name) {
        List<ScheduleInfo> first = settled(access.findAll(name));
        if (first.size() < 2) {
            return;
        }
        // One that moves may have been read before it was marked, and where it goes to after it arrived. A second look
        // began after both were there.
        List<ScheduleInfo> second = settled(access.findAll(name));
        for (ScheduleInfo spare : second.subList(Math.min(1, second.size()), second.size())) {
            if (first.stream().anyMatch(info -> isSameRevision(info, spare)) && access.remove(spare)) {
                log.warn(
                        "schedule \"{}\" was put into queue {} and into queue {} at once; it stays in the first",
                        name,
                        second.get(0).queue(),
                        spare.queue());
            }
        }
    }

    private static List<ScheduleInfo> settled(Collection<ScheduleInfo> all) {
        return all.stream().filter(ScheduleMover::isSettled).toList();
    }

    private static boolean isSettled(ScheduleInfo info) {
        return info.state() != null && !ScheduleAccess.isMoving(info);
    }

    private static boolean isSameRevision(ScheduleInfo a, ScheduleInfo b) {
        return a.queue().equals(b.queue())
                && a.stored().revision().equals(b.stored().revision());
    }

    /** Removes what is on its way elsewhere although it has arrived; gives whether there was any. */
    boolean removeLeftOvers(Collection<ScheduleInfo> all, ScheduleInfo kept) {
        boolean wasAny = false;
        for (ScheduleInfo info : all) {
            if (!info.queue().equals(kept.queue()) && ScheduleAccess.isMoving(info)) {
                wasAny |= access.remove(info);
            }
        }
        return wasAny;
    }
}
