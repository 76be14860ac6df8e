package io.tidemill.schedule;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.ScheduleWrite;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.Call;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import io.tidemill.schedule.ScheduleState.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores definitions, for people and for code: whoever is second reads again. Up to 100 go together, with one request
 * to find them and one to write them for each queue.
 *
 * <p>Thread-safe.
 */
final class SchedulePutter {

    /** Most definitions that go together. */
    static final int MOST = ScheduleStore.MAX_TAKEN;

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final int MOST_TRIES = 100;
    /** What else is stored of a schedule grows: 20 entries of the history, with the ids of jobs, and a reason. */
    private static final int MOST_CALL_BYTES = StoredSchedule.MAX_CONTENT_BYTES - (64 << 10);

    private final ScheduleAccess access;
    private final ScheduleMover mover;
    private final TaskClient client;
    private final Broker broker;

    SchedulePutter(ScheduleAccess access, TaskClient client, Broker broker) {
        this.access = access;
        this.mover = new ScheduleMover(access);
        this.client = client;
        this.broker = broker;
    }

    /**
     * Checks the schedule and writes its call; the broker is not asked.
     *
     * @throws IllegalArgumentException if its call is too large for a schedule
     * @throws RuntimeException as {@link TaskClient#prepare} throws
     */
    PreparedSchedule prepare(Schedule schedule) {
        if (schedule.overlap() != Overlap.ALLOW) {
            broker.require(Ability.LOOK_UP);
        }
        if (schedule.overlap() == Overlap.CANCEL_PREVIOUS) {
            broker.require(Ability.CANCEL);
        }
        PreparedJob call = schedule.call() instanceof Call<?> it
                ? client.prepare(it.id(schedule.name()))
                : (PreparedJob) schedule.call();
        checkSize(schedule.name(), call.job().body().length);
        return new PreparedSchedule(schedule, call);
    }

    /** One that had no room for its history later could not be written any more. */
    private static void checkSize(String name, int bytes) {
        if (bytes > MOST_CALL_BYTES) {
            throw new IllegalArgumentException(String.format(
                    "the call of schedule \"%s\" has %,d bytes, the limit is %,d. Store its arguments elsewhere and"
                            + " pass a reference.",
                    name, bytes, MOST_CALL_BYTES));
        }
    }

    /**
     * Stores them, or changes those of their names.
     *
     * @param some at most {@value #MOST}, each name once
     * @param by whose code defines them; null at run time
     * @return what became of each, in order
     */
    List<PutResult> putAll(List<PreparedSchedule> some, @Nullable Owner by) {
        Map<String, PutResult> results = new HashMap<>();
        Map<String, String> created = new LinkedHashMap<>();
        List<PreparedSchedule> open = some;
        for (int i = 0; i < MOST_TRIES && !open.isEmpty(); i++) {
            open = new Attempt(by, access.look(byName(open).keySet(), queues(open)), results, created).run(open);
        }
        open.forEach(one -> results.put(one.name(), PutResult.failed(one.name(), ScheduleAccess.tooMany(one.name()))));
        mover.removeSpares(created);
        return some.stream()
                .map(one -> Objects.requireNonNull(results.get(one.name())))
                .toList();
    }

    /** As {@link ScheduleMover#removeSpare}. */
    void removeSpare(String name) {
        mover.removeSpare(name);
    }

    static Map<String, PreparedSchedule> byName(Collection<PreparedSchedule> some) {
        Map<String, PreparedSchedule> byName = new LinkedHashMap<>();
        some.forEach(one -> byName.put(one.name(), one));
        return byName;
    }

    static List<String> queues(Collection<PreparedSchedule> some) {
        return some.stream().map(PreparedSchedule::queue).collect(Collectors.toCollection(ArrayList::new));
    }

    /** One look, and what is written after it. Confined to one thread. */
    private final class Attempt {

        private final @Nullable Owner by;
        private final ScheduleAccess.Look look;
        private final Map<String, PutResult> results;
        /** By name, the queue of each that is new there. */
        private final Map<String, String> created;
        /** By queue. */
        private final Map<String, List<Step>> steps = new TreeMap<>();
        /** Where somebody was first. */
        private final List<PreparedSchedule> again = new ArrayList<>();

        /** A write that was decided. {@code found} is null if it creates the schedule. */
        private record Step(PreparedSchedule one, @Nullable ScheduleInfo found, ScheduleWrite write) {}

        Attempt(
                @Nullable Owner by,
                ScheduleAccess.Look look,
                Map<String, PutResult> results,
                Map<String, String> created) {
            this.by = by;
            this.look = look;
            this.results = results;
            this.created = created;
        }

        /** Gives those that are to be tried again. */
        List<PreparedSchedule> run(List<PreparedSchedule> some) {
            for (PreparedSchedule one : some) {
                try {
                    decide(one);
                } catch (IllegalStateException | IllegalArgumentException e) {
                    results.put(one.name(), PutResult.failed(one.name(), e));
                }
            }
            Map<String, CompletableFuture<List<Boolean>>> answers = new TreeMap<>();
            steps.forEach((queue, all) -> answers.put(
                    queue, access.writeAll(queue, all.stream().map(Step::write).toList())));
            answers.forEach((queue, answer) -> settle(
                    queue, Objects.requireNonNull(steps.get(queue)), access.await(answer, "to write schedules")));
            return again;
        }

        /** Throws if what would be stored is too large. */
        private Step step(PreparedSchedule one, @Nullable ScheduleInfo found, ScheduleState after) {
            return new Step(
                    one,
                    found,
                    new ScheduleWrite(
                            found == null ? null : found.stored().revision(),
                            ScheduleAccess.stored(one.name(), after, look.now(one.queue()))));
        }

        private void decide(PreparedSchedule one) {
            Schedule schedule = one.schedule();
            Definition definition = Definition.of(schedule, one.call());
            long now = look.now(one.queue());
            Optional<ScheduleInfo> found = ScheduleAccess.preferred(look.all(one.name()));
            if (found.isEmpty()) {
                ScheduleState state = ScheduleState.of(definition, seen(by, now), schedule.isPaused(), now);
                checkFires(schedule, state, now);
                add(step(one, null, state));
                return;
            }
            ScheduleState before = ScheduleAccess.readable(found.get());
            if (isNewer(before.owner(), by)) {
                results.put(one.name(), PutResult.unchanged(one.name()));
                return;
            }
            ScheduleState after = before.define(definition, owner(one.name(), before.owner(), by, now), now);
            if (!before.definition().timing().equals(schedule.timing())) {
                checkFires(schedule, after, now);
            }
            change(one, found.get(), after);
        }

        private void change(PreparedSchedule one, ScheduleInfo found, ScheduleState after) {
            if (!found.queue().equals(one.queue())) {
                boolean hasMoved = mover.move(found, after, one.queue(), look.now(one.queue()));
                if (hasMoved) {
                    // Somebody may have put it back into the old queue at the same time.
                    created.put(one.name(), one.queue());
                }
                settle(one, found, hasMoved);
            } else if (isSame(ScheduleAccess.readable(found), after)) {
                boolean isChanged = mover.removeLeftOvers(look.all(one.name()), found);
                results.put(one.name(), isChanged ? PutResult.changed(one.name()) : PutResult.unchanged(one.name()));
            } else {
                add(step(one, found, after));
            }
        }

        private void add(Step step) {
            steps.computeIfAbsent(step.one().queue(), queue -> new ArrayList<>())
                    .add(step);
        }

        private void settle(String queue, List<Step> all, List<Boolean> written) {
            for (int i = 0; i < all.size(); i++) {
                Step step = all.get(i);
                settle(step.one(), step.found(), written.get(i));
                if (written.get(i) && step.found() == null) {
                    created.put(step.one().name(), queue);
                }
            }
        }

        private void settle(PreparedSchedule one, @Nullable ScheduleInfo found, boolean isDone) {
            if (!isDone) {
                again.add(one);
                return;
            }
            if (found != null) {
                mover.removeLeftOvers(look.all(one.name()), found);
            }
            results.put(one.name(), PutResult.changed(one.name()));
        }
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
}
