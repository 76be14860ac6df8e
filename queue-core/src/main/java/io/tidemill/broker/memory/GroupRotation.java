package io.tidemill.broker.memory;

import io.tidemill.broker.ClaimReply;
import io.tidemill.queue.Limits;
import io.tidemill.text.PrintableText;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Groups take turns, one job each. A group with a job that waits is either in line for its turn or, if a limit holds it
 * up, parked until it may go on; so however many groups are held up, nobody looks at them.
 *
 * <p>Limits are looked at when the turn comes and again when a job was taken, so a change of them holds at once.
 */
final class GroupRotation {

    private final Function<String, Limits> limits;
    private final Map<String, Group> groups = new HashMap<>();
    private final ArrayDeque<Group> turns = new ArrayDeque<>();
    private final TreeSet<Group> parked = new TreeSet<>(Comparator.comparingLong((Group group) -> group.parkedUntil)
            .thenComparing(g -> g.name, PrintableText.ORDER));

    GroupRotation(Function<String, Limits> limits) {
        this.limits = limits;
    }

    void addLast(StoredJob job) {
        Group group = groupOf(job);
        group.line.addLast(job);
        appear(group);
    }

    /** The line of a job's group, to put it where it belongs. The group takes turns once the job {@link #appear}s. */
    ArrayDeque<StoredJob> lineOf(StoredJob job) {
        return groupOf(job).line;
    }

    /** Lets the job's group take turns, behind all others, if it is nowhere. */
    void appear(StoredJob job) {
        appear(groupOf(job));
    }

    /** The job whose turn it is; null if no group may be served now. */
    @Nullable
    StoredJob first(long now, Predicate<StoredJob> hasEnded, Runnable dropped) {
        unpark(now);
        for (Group group = turns.peek(); group != null; group = turns.peek()) {
            while (!group.line.isEmpty() && hasEnded.test(group.line.element())) {
                group.line.remove();
                dropped.run();
            }
            long servableAt = group.servableAt(limits.apply(group.name), now);
            if (!group.line.isEmpty() && servableAt <= now) {
                return group.line.element();
            }
            turns.remove();
            goOn(group, servableAt, now);
        }
        return null;
    }

    /** Takes the job that {@link #first} said; its group goes to the end of those that take turns. */
    void take(long now) {
        Group group = turns.remove();
        StoredJob job = group.line.remove();
        Limits limit = limits.apply(group.name);
        group.holders.add(job.id);
        if (limit.rate() != null) {
            group.pace.start(limit.rate(), 1, now);
        }
        goOn(group, group.servableAt(limit, now), now);
    }

    /** The one job that has a place in the group; null if there are several, or none. */
    @Nullable
    String onlyHolder(String name) {
        Group group = groups.get(name);
        return group == null || group.holders.size() != 1
                ? null
                : group.holders.iterator().next();
    }

    /** When one more job of a group may start: now, later, or {@link Group#UNTIL_ROOM}. */
    long servableAt(String name, long now) {
        Group group = groups.get(name);
        return group == null ? now : group.servableAt(limits.apply(name), now);
    }

    /** A job has no place in its group any more. Returns whether that lets its group take turns again. */
    boolean left(StoredJob job) {
        Group group = groupOf(job);
        group.holders.remove(job.id);
        if (group.place != Group.Place.PARKED || group.parkedUntil != Group.UNTIL_ROOM) {
            return false;
        }
        parked.remove(group);
        enterTurns(group);
        return true;
    }

    /** Lets groups take turns again whose time has come. Returns whether there were any. */
    boolean unpark(long now) {
        boolean any = false;
        long until = wasClockSetBack(now) ? Group.UNTIL_ROOM - 1 : now;
        while (!parked.isEmpty() && parked.first().parkedUntil <= until) {
            enterTurns(parked.pollFirst());
            any = true;
        }
        return any;
    }

    /** The group that is parked longest is so for longer than its rate can ask: then all take their turns again. */
    private boolean wasClockSetBack(long now) {
        for (Group last : parked.descendingSet()) {
            if (last.parkedUntil != Group.UNTIL_ROOM) {
                Limits limit = limits.apply(last.name);
                long wait = limit.rate() == null ? 0 : last.pace.waitMillis(limit.rate(), now);
                return last.parkedUntil > now + wait + 1;
            }
        }
        return false;
    }

    /** Lets the groups of these names take their turns as if their time had come, since their limits have changed. */
    void unpark(Predicate<String> names) {
        List<Group> changed =
                parked.stream().filter(group -> names.test(group.name)).toList();
        changed.forEach(parked::remove);
        changed.forEach(group -> group.parkedUntil = Group.AT_ONCE);
        parked.addAll(changed);
    }

    /** How long until a rate lets a group go on, in ms; {@link ClaimReply#NOTHING_MORE} if none waits for that. */
    long moreInMillis(long now) {
        return parked.isEmpty() || parked.first().parkedUntil == Group.UNTIL_ROOM
                ? ClaimReply.NOTHING_MORE
                : Math.max(0, parked.first().parkedUntil - now);
    }

    /** How many jobs stand in the lines of groups whose time has not come. */
    int held(long now) {
        return parked.stream()
                .filter(group -> group.parkedUntil > now)
                .mapToInt(group -> group.line.size())
                .sum();
    }

    /** Whether a group waits until one of its jobs stops running. */
    boolean waitsForRoom() {
        return !parked.isEmpty() && parked.last().parkedUntil == Group.UNTIL_ROOM;
    }

    /** Takes so many jobs out, in the order of {@link #inOrder}; a group without jobs that wait is nowhere. */
    void takeOut(int limit, List<StoredJob> out, Predicate<StoredJob> hasEnded, Runnable dropped, Runnable taken) {
        int most = out.size() + limit;
        while (out.size() < most && !(turns.isEmpty() && parked.isEmpty())) {
            Group group = turns.isEmpty() ? parked.first() : turns.element();
            while (!group.line.isEmpty() && out.size() < most) {
                StoredJob job = group.line.remove();
                if (hasEnded.test(job)) {
                    dropped.run();
                } else {
                    taken.run();
                    out.add(job);
                }
            }
            if (group.line.isEmpty()) {
                if (group.place == Group.Place.PARKED) {
                    parked.remove(group);
                } else {
                    turns.remove();
                }
                group.place = Group.Place.NOWHERE;
            }
        }
    }

    /** Group by group: those that take turns in their order, then those that are parked, earliest first. */
    List<StoredJob> inOrder() {
        List<StoredJob> all = new ArrayList<>();
        turns.forEach(group -> all.addAll(group.line));
        parked.forEach(group -> all.addAll(group.line));
        return all;
    }

    void removeIf(Predicate<StoredJob> hasEnded) {
        groups.values().forEach(group -> group.line.removeIf(hasEnded));
    }

    /** Forgets groups that have nothing to be remembered. */
    void forget(long now) {
        groups.values().removeIf(group -> group.isForgettable(now));
    }

    private Group groupOf(StoredJob job) {
        return groups.computeIfAbsent(String.valueOf(job.constraints.group()), Group::new);
    }

    private void appear(Group group) {
        if (group.place == Group.Place.NOWHERE) {
            enterTurns(group);
        }
    }

    private void goOn(Group group, long servableAt, long now) {
        if (group.line.isEmpty()) {
            group.place = Group.Place.NOWHERE;
        } else if (servableAt <= now) {
            enterTurns(group);
        } else {
            group.place = Group.Place.PARKED;
            group.parkedUntil = servableAt;
            parked.add(group);
        }
    }

    private void enterTurns(Group group) {
        group.place = Group.Place.TURNS;
        turns.add(group);
    }
}
