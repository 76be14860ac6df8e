package io.tidemill.schedule;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.FoundSchedules;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/**
 * Reads schedules, and changes them by their revision: whoever was second reads again. Names are unique over all
 * queues, so a name is looked for in each of them.
 *
 * <p>Thread-safe.
 */
final class ScheduleAccess {

    /** How often others may be first. */
    private static final int MOST_TRIES = 100;

    private final Broker broker;
    private final Waiting wait;
    /** Those of the last list. */
    private volatile Set<String> knownQueues = Set.of();

    /** For callers that wait as long as the broker takes. */
    ScheduleAccess(Broker broker) {
        this(broker, Answers::of);
    }

    ScheduleAccess(Broker broker, Waiting wait) {
        this.broker = broker;
        this.wait = wait;
    }

    /** Waits for an answer. */
    @FunctionalInterface
    interface Waiting {
        /** As {@link Answers#of}; may end sooner. */
        <V> V of(CompletableFuture<V> answer, String what);
    }

    private ScheduleStore store() {
        return broker.schedules();
    }

    /** What somebody does with a schedule that was found. */
    @FunctionalInterface
    interface Change {
        /**
         * Gives the state that the schedule is to have.
         *
         * @param now the broker's clock
         * @return an equal one to change nothing
         */
        ScheduleState of(ScheduleState state, long now);
    }

    Set<String> queues() {
        return new TreeSet<>(wait.of(store().queues(), "for the queues with schedules"));
    }

    long count(String queue) {
        return wait.of(store().count(queue), "for the number of schedules of queue " + queue);
    }

    List<ScheduleInfo> list(String queue, int offset, int limit) {
        return wait.of(store().list(queue, offset, limit), "for the schedules of queue " + queue).stream()
                .map(stored -> ScheduleInfo.of(queue, stored))
                .toList();
    }

    long nowMillis(String queue) {
        return wait.of(store().nowMillis(queue), "for its time");
    }

    /** The one of this name. One that is on its way to another queue counts only if it has not arrived there. */
    Optional<ScheduleInfo> find(String name) {
        return preferred(findAll(name));
    }

    static Optional<ScheduleInfo> preferred(Collection<ScheduleInfo> all) {
        return all.stream()
                .filter(info -> !isMoving(info))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    static boolean isMoving(ScheduleInfo info) {
        return info.state() != null && info.state().movedTo() != null;
    }

    /** All of this name, by queue. There are several only while one moves. */
    Collection<ScheduleInfo> findAll(String name) {
        return look(List.of(name), List.of()).all(name);
    }

    /** What was found of some names, and the time at each queue that was asked. Confined to one thread. */
    static final class Look {

        private final Map<String, Map<String, ScheduleInfo>> found = new HashMap<>();
        private final Map<String, Long> times = new HashMap<>();

        /** All of this name, by queue. */
        Collection<ScheduleInfo> all(String name) {
            return found.getOrDefault(name, Map.of()).values();
        }

        /** The broker's clock. */
        long now(String queue) {
            return Objects.requireNonNull(times.get(queue), queue);
        }

        private void add(String queue, FoundSchedules some) {
            times.put(queue, some.nowMillis());
            for (StoredSchedule stored : some.schedules()) {
                found.computeIfAbsent(stored.name(), name -> new TreeMap<>())
                        .put(queue, ScheduleInfo.of(queue, stored));
            }
        }
    }

    /**
     * Looks in all queues. Those that are known already are asked while the list of them is read, so this takes two
     * round trips only when a queue is new.
     *
     * @param names at most 100
     * @param queues to be asked, whether they are known or not
     */
    Look look(Collection<String> names, Collection<String> queues) {
        Set<String> known = new TreeSet<>(knownQueues);
        known.addAll(queues);
        return look(names, known, Set.of());
    }

    /** As {@link #look}, but leaves out a queue if it is the only one given. */
    Look lookElsewhere(Collection<String> names, Set<String> queues) {
        Set<String> known = new TreeSet<>(knownQueues);
        Set<String> leftOut = queues.size() == 1 ? queues : Set.of();
        known.removeAll(leftOut);
        return look(names, known, leftOut);
    }

    private Look look(Collection<String> names, Set<String> known, Set<String> leftOut) {
        CompletableFuture<Set<String>> listed = store().queues();
        Look look = new Look();
        lookIn(known, names, look);
        Set<String> more = new TreeSet<>(wait.of(listed, "for the queues with schedules"));
        knownQueues = Set.copyOf(more);
        more.removeAll(known);
        more.removeAll(leftOut);
        lookIn(more, names, look);
        return look;
    }

    /** Looks in these queues only. */
    Look lookIn(Collection<String> queues, Collection<String> names) {
        Look look = new Look();
        lookIn(new TreeSet<>(queues), names, look);
        return look;
    }

    private void lookIn(Set<String> queues, Collection<String> names, Look look) {
        List<String> all = List.copyOf(names);
        Map<String, CompletableFuture<FoundSchedules>> answers = new TreeMap<>();
        queues.forEach(queue -> answers.put(queue, store().find(queue, all)));
        answers.forEach((queue, answer) -> {
            FoundSchedules some = await(answer, "for schedules of queue " + queue);
            look.add(queue, some);
            for (int looked = some.looked(); looked < all.size(); looked += some.looked()) {
                some = await(store().find(queue, all.subList(looked, all.size())), "for schedules of queue " + queue);
                look.add(queue, some);
            }
        });
    }

    <V> V await(CompletableFuture<V> answer, String what) {
        return wait.of(answer, what);
    }

    /** Writes several of one queue. */
    CompletableFuture<List<Boolean>> writeAll(String queue, List<ScheduleWrite> writes) {
        return store().write(queue, writes);
    }

    /** The one of this name in this queue. */
    Optional<ScheduleInfo> find(String queue, String name) {
        return wait.of(store().find(queue, name), "for schedule " + name).map(stored -> ScheduleInfo.of(queue, stored));
    }

    /**
     * Changes the one of this name.
     *
     * @return the schedule as it was found; empty if there is none
     * @throws IllegalStateException if it cannot be read here
     */
    Optional<ScheduleInfo> change(String name, Change change) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Look look = look(List.of(name), List.of());
            Optional<ScheduleInfo> found = preferred(look.all(name));
            if (found.isEmpty()) {
                return found;
            }
            long now = look.now(found.get().queue());
            ScheduleState before = readable(found.get());
            ScheduleState after = change.of(before, now);
            if (after.equals(before) || write(found.get(), after, now)) {
                return found;
            }
        }
        throw tooMany(name);
    }

    /** Writes a schedule in the place of the one that was found. */
    boolean write(ScheduleInfo found, ScheduleState after, long now) {
        return wait.of(
                store().write(found.queue(), Optional.of(found.stored().revision()), stored(found.name(), after, now)),
                "to write schedule " + found.name());
    }

    /** Writes a schedule that is not there yet. */
    boolean create(String queue, String name, ScheduleState state, long now) {
        return wait.of(store().write(queue, Optional.empty(), stored(name, state, now)), "to write schedule " + name);
    }

    /** Whether the overlap policy looks at the last job, and that has not ended. */
    boolean isLastJobRunning(String queue, ScheduleState state) {
        String job = state.lastJob();
        return job != null
                && Planner.asksForLastJob(state)
                && wait.of(broker.lookUp().find(queue, job, false), "for the last job of a schedule")
                        .filter(it -> !it.state().isFinal())
                        .isPresent();
    }

    boolean remove(ScheduleInfo found) {
        return wait.of(
                store().remove(found.queue(), found.name(), found.stored().revision()),
                "to remove schedule " + found.name());
    }

    /**
     * Removes all of this name, as long as they are what is to be removed.
     *
     * @return whether there was one
     */
    boolean removeAll(String name, Predicate<ScheduleInfo> isMeant) {
        boolean wasThere = false;
        for (int i = 0; i < MOST_TRIES; i++) {
            List<ScheduleInfo> left = findAll(name).stream().filter(isMeant).toList();
            if (left.isEmpty()) {
                return wasThere;
            }
            wasThere = true;
            left.forEach(this::remove);
        }
        throw tooMany(name);
    }

    /** A schedule with a revision that no other has. */
    static StoredSchedule stored(String name, ScheduleState state, long now) {
        return new StoredSchedule(name, newRevision(), state.fireAt(name, now), ScheduleCodec.encode(state));
    }

    /** The same content, with a revision that no other has. */
    static StoredSchedule withNewRevision(StoredSchedule stored) {
        return new StoredSchedule(stored.name(), newRevision(), stored.fireAtMillis(), stored.content());
    }

    private static String newRevision() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextInt());
    }

    /** Its state. */
    static ScheduleState readable(ScheduleInfo info) {
        ScheduleState state = info.state();
        if (state == null) {
            throw new IllegalStateException("schedule \"" + info.name() + "\" of queue " + info.queue()
                    + " is left alone: " + info.problem().orElse("unknown"));
        }
        return state;
    }

    static IllegalStateException tooMany(String name) {
        return new IllegalStateException(
                "schedule \"" + name + "\" was changed by others each time, " + MOST_TRIES + " times; try again");
    }
}
