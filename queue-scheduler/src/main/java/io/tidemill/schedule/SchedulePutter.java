package io.tidemill.schedule;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.client.Call;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.schedule.ScheduleState.Owner;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores definitions, for people and for code: whoever is second reads again.
 *
 * <p>A schedule that goes to another queue is stopped in the old one, stored in the new one, and removed from the old
 * one, in this order. So it never fires in both, and a process that dies in between leaves it where it can be seen, and
 * put again.
 *
 * <p>Thread-safe.
 */
final class SchedulePutter {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final int MOST_TRIES = 100;

    private final ScheduleAccess access;
    private final TaskClient client;
    private final Broker broker;

    SchedulePutter(ScheduleAccess access, TaskClient client, Broker broker) {
        this.access = access;
        this.client = client;
        this.broker = broker;
    }

    /**
     * Checks the schedule and writes its call; the broker is not asked.
     *
     * @throws RuntimeException as {@link TaskClient#prepare} throws
     */
    PreparedJob prepare(Schedule schedule) {
        if (schedule.overlap() != Overlap.ALLOW) {
            broker.require(Ability.LOOK_UP);
        }
        if (schedule.overlap() == Overlap.CANCEL_PREVIOUS) {
            broker.require(Ability.CANCEL);
        }
        return schedule.call() instanceof Call<?> call
                ? client.prepare(call.id(schedule.name()))
                : (PreparedJob) schedule.call();
    }

    /**
     * Stores it, or changes the one of its name.
     *
     * @param call what {@link #prepare} gave
     * @param by whose code defines it; null at run time
     * @return whether anything was changed
     * @throws IllegalArgumentException if it would never fire
     */
    boolean put(Schedule schedule, PreparedJob call, @Nullable Owner by) {
        String name = schedule.name();
        Definition definition = Definition.of(schedule, call);
        for (int i = 0; i < MOST_TRIES; i++) {
            long now = access.nowMillis(call.queue());
            List<ScheduleInfo> all = access.findAll(name);
            Optional<ScheduleInfo> found = ScheduleAccess.preferred(all);
            if (found.isEmpty()) {
                ScheduleState state = ScheduleState.of(definition, seen(by, now), schedule.isPaused(), now);
                checkFires(schedule, state, now);
                if (access.create(call.queue(), name, state, now)) {
                    removeSpare(name);
                    return true;
                }
                continue;
            }
            ScheduleState before = ScheduleAccess.readable(found.get());
            if (isNewer(before.owner(), by)) {
                return false;
            }
            ScheduleState after = before.define(definition, owner(name, before.owner(), by, now), now);
            if (!before.definition().timing().equals(schedule.timing())) {
                checkFires(schedule, after, now);
            }
            boolean isThere = found.get().queue().equals(call.queue());
            if (isThere && isSame(before, after)) {
                return removeLeftOvers(all, found.get());
            }
            if (isThere ? access.write(found.get(), after, now) : move(found.get(), after, call.queue(), now)) {
                removeLeftOvers(all, found.get());
                return true;
            }
        }
        throw ScheduleAccess.tooMany(name);
    }

    private static void checkFires(Schedule schedule, ScheduleState state, long now) {
        if (state.due() == ScheduleState.NONE) {
            throw new IllegalArgumentException("schedule \"" + schedule.name() + "\" would never fire: "
                    + schedule.timing().describe() + ", has no due time after " + Instant.ofEpochMilli(now)
                    + ", the time of the broker");
        }
    }

    /** Whether only the time differs at which it was last seen. */
    private static boolean isSame(ScheduleState before, ScheduleState after) {
        Owner then = before.owner();
        Owner now = after.owner();
        boolean hasSameOwner = then == null
                ? now == null
                : now != null && then.name().equals(now.name()) && then.version() == now.version();
        return hasSameOwner && before.movedTo() == null && before.definition().equals(after.definition());
    }

    private static boolean isNewer(@Nullable Owner there, @Nullable Owner by) {
        return there != null && by != null && there.name().equals(by.name()) && there.version() > by.version();
    }

    private static @Nullable Owner seen(@Nullable Owner by, long now) {
        return by == null ? null : new Owner(by.name(), by.version(), now);
    }

    private static @Nullable Owner owner(String name, @Nullable Owner there, @Nullable Owner by, long now) {
        if (by != null && there != null && !by.name().equals(there.name())) {
            log.warn(
                    "schedule \"{}\" was defined by \"{}\" and is defined by \"{}\" from now on; if these are two"
                            + " programs, give it two names",
                    name,
                    there.name(),
                    by.name());
        }
        return by == null ? there : seen(by, now);
    }

    private boolean move(ScheduleInfo from, ScheduleState after, String queue, long now) {
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
        if (!access.create(queue, name, arriving, now)) {
            return false;
        }
        while (left.isPresent() && !access.remove(left.get())) {
            left = moving(from);
            left.ifPresent(changed -> followPause(queue, name, ScheduleAccess.readable(changed)));
        }
        return true;
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
     * Leaves one of this name. Two processes that put a new name into two queues at once both create it. Each of them
     * looks again after that, so at least one sees both, and all agree which one stays: that of the lesser queue.
     */
    void removeSpare(String name) {
        List<ScheduleInfo> first = settled(name);
        if (first.size() < 2) {
            return;
        }
        // One that moves may have been read before it was marked, and where it goes to after it arrived. A second look
        // began after both were there.
        List<ScheduleInfo> second = settled(name);
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

    /** Those that do not move, by queue. */
    private List<ScheduleInfo> settled(String name) {
        return access.findAll(name).stream()
                .filter(info -> info.state() != null && !ScheduleAccess.isMoving(info))
                .toList();
    }

    private static boolean isSameRevision(ScheduleInfo a, ScheduleInfo b) {
        return a.queue().equals(b.queue())
                && a.stored().revision().equals(b.stored().revision());
    }

    /** What is on its way elsewhere although it has arrived. */
    private boolean removeLeftOvers(List<ScheduleInfo> all, ScheduleInfo kept) {
        boolean wasAny = false;
        for (ScheduleInfo info : all) {
            if (!info.queue().equals(kept.queue()) && ScheduleAccess.isMoving(info)) {
                wasAny |= access.remove(info);
            }
        }
        return wasAny;
    }
}
