package io.tidemill.schedule;

import io.tidemill.broker.ScheduleWrite;
import io.tidemill.schedule.ScheduleState.Owner;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is stored in step with what the code of this process defines. At the start each definition is put. After
 * that it is only said, from time to time, that somebody still defines it; a definition is not put again while it is
 * there, so that two versions that run side by side do not change it to and fro. What an owner has stored and nobody
 * has defined for a long time is removed, and so is what has had its last due time long ago.
 *
 * <p>A round does a bounded piece: a hundred definitions, or a page of a list. Confined to one thread.
 */
final class CodeSchedules implements Ticker.Upkeep {

    private static final Logger log = LoggerFactory.getLogger("io.tidemill.schedule");

    private static final int PIECE = 100;
    private static final int MOST_TRIES = 100;
    private static final Duration LONGEST_PERIOD = Duration.ofMinutes(15);

    private final ScheduleAccess access;
    private final SchedulePutter putter;
    private final Clock clock;
    private final @Nullable Owner owner;
    private final Keep keep;
    private final long periodNanos;
    private final Map<String, PreparedSchedule> definitions = new LinkedHashMap<>();
    /** The names of those that were logged as not stored. */
    private final Set<String> refused = new HashSet<>();
    /** Not stored yet. */
    private final Deque<PreparedSchedule> toPut = new ArrayDeque<>();
    /** Those that are looked after in this period. */
    private final Deque<PreparedSchedule> toTouch = new ArrayDeque<>();
    /** Pages of queues to look for what nobody defines any more, or what is in two queues. */
    private final Deque<Page> toSweep = new ArrayDeque<>();

    private long dueNanos;

    private record Page(String queue, int offset) {}

    /**
     * How long schedules are kept that are of no use any more.
     *
     * @param undefined those of this owner that nobody defines
     * @param over those that have had their last due time
     */
    record Keep(Duration undefined, Duration over) {}

    /**
     * Definitions that are not stored yet.
     *
     * @param owner whose they are; null for nobody's, and then none is removed
     * @param version of the code
     * @param keep how long schedules are kept that are of no use any more
     */
    CodeSchedules(
            ScheduleAccess access,
            SchedulePutter putter,
            Clock clock,
            @Nullable String owner,
            long version,
            Keep keep,
            List<PreparedSchedule> definitions) {
        this.access = access;
        this.putter = putter;
        this.clock = clock;
        this.owner = owner == null ? null : new Owner(owner, version, 0);
        this.keep = keep;
        Duration quarter = keep.undefined().dividedBy(4);
        this.periodNanos = (quarter.compareTo(LONGEST_PERIOD) < 0 ? quarter : LONGEST_PERIOD).toNanos();
        definitions.forEach(code -> this.definitions.put(code.name(), code));
        this.toPut.addAll(definitions);
        this.dueNanos = clock.nanos() + periodNanos;
    }

    /** Puts those that are not stored yet. If the broker is away, the rounds go on with it. */
    void putAll() {
        while (!toPut.isEmpty()) {
            List<PreparedSchedule> piece = piece(toPut);
            put(piece);
            piece.forEach(done -> toPut.remove());
        }
    }

    private static List<PreparedSchedule> piece(Deque<PreparedSchedule> all) {
        return all.stream().limit(SchedulePutter.MOST).toList();
    }

    private void put(List<PreparedSchedule> piece) {
        List<PreparedSchedule> unchanged = new ArrayList<>();
        List<PutResult> results = putter.putAll(piece, owner);
        for (int i = 0; i < piece.size(); i++) {
            PreparedSchedule one = piece.get(i);
            Optional<RuntimeException> failure = results.get(i).failure();
            if (failure.isPresent()) {
                // Of a newer version, or changed by others all the time: it is there, and it is left as it is. Or its
                // time has passed: that comes with time to each single time in code, and must not keep a process from
                // starting. It is tried again in each period, and logged once.
                if (refused.add(one.name())) {
                    log.warn(
                            "{} is not stored as it is defined here: {}",
                            one.schedule(),
                            failure.get().getMessage());
                }
            } else if (results.get(i).isChanged()) {
                log.info("stored {}", one.schedule());
            } else {
                unchanged.add(one);
            }
        }
        // They are there already: a process that does not define them must not find them forgotten.
        Found found = find(unchanged);
        refresh(found.infos().values(), found);
    }

    /** What is stored of definitions, by name, and where it was looked for. */
    private record Found(Map<String, ScheduleInfo> infos, ScheduleAccess.Look home, ScheduleAccess.Look elsewhere) {

        long now(ScheduleInfo info) {
            return home.all(info.name()).contains(info) ? home.now(info.queue()) : elsewhere.now(info.queue());
        }
    }

    /** Looks in the queue of each, and elsewhere for those that are not there. */
    private Found find(List<PreparedSchedule> some) {
        Map<String, PreparedSchedule> missing = SchedulePutter.byName(some);
        Map<String, ScheduleInfo> infos = new LinkedHashMap<>();
        ScheduleAccess.Look home = new ScheduleAccess.Look();
        if (!some.isEmpty()) {
            home = access.lookIn(SchedulePutter.queues(some), missing.keySet());
        }
        for (PreparedSchedule one : some) {
            for (ScheduleInfo info : home.all(one.name())) {
                if (info.queue().equals(one.queue())) {
                    infos.put(one.name(), info);
                    missing.remove(one.name());
                }
            }
        }
        ScheduleAccess.Look elsewhere = new ScheduleAccess.Look();
        if (!missing.isEmpty()) {
            elsewhere = access.look(missing.keySet(), List.of());
        }
        for (String name : missing.keySet()) {
            ScheduleAccess.preferred(elsewhere.all(name)).ifPresent(info -> infos.put(name, info));
        }
        return new Found(infos, home, elsewhere);
    }

    @Override
    public long step() {
        putAll();
        if (toTouch.isEmpty() && toSweep.isEmpty()) {
            long wait = dueNanos - clock.nanos();
            if (wait > 0) {
                return wait;
            }
            begin();
        }
        if (!toTouch.isEmpty()) {
            List<PreparedSchedule> piece = piece(toTouch);
            touch(piece);
            piece.forEach(done -> toTouch.remove());
        }
        if (toTouch.isEmpty() && !toSweep.isEmpty()) {
            sweepNext(toSweep.peek());
        }
        return toTouch.isEmpty() && toSweep.isEmpty() ? Math.max(0, dueNanos - clock.nanos()) : 0;
    }

    private void begin() {
        toTouch.addAll(definitions.values());
        access.queues().forEach(queue -> toSweep.add(new Page(queue, 0)));
        dueNanos = clock.nanos() + periodNanos;
    }

    /** Says that this process defines them. What is gone, as after a loss of data, is put again. */
    private void touch(List<PreparedSchedule> piece) {
        Found found = find(piece);
        refresh(
                found.infos().values().stream()
                        .filter(info -> !ScheduleAccess.isMoving(info))
                        .toList(),
                found);
        List<PreparedSchedule> gone = piece.stream()
                .filter(one -> {
                    ScheduleInfo info = found.infos().get(one.name());
                    return info == null || ScheduleAccess.isMoving(info);
                })
                .toList();
        if (!gone.isEmpty()) {
            put(gone);
        }
    }

    /** Writes that they were seen now, where that was not written for half a period. */
    private void refresh(Collection<ScheduleInfo> some, Found found) {
        Map<String, List<ScheduleInfo>> byQueue = new TreeMap<>();
        for (ScheduleInfo info : some) {
            if (isMine(info) && refreshed(info, found.now(info)) != null) {
                byQueue.computeIfAbsent(info.queue(), queue -> new ArrayList<>())
                        .add(info);
            }
        }
        byQueue.forEach((queue, infos) -> {
            List<ScheduleWrite> writes = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (ScheduleInfo info : infos) {
                long now = found.now(info);
                ScheduleState after = Objects.requireNonNull(refreshed(info, now));
                try {
                    writes.add(new ScheduleWrite(
                            info.stored().revision(), ScheduleAccess.stored(info.name(), after, now)));
                    names.add(info.name());
                } catch (IllegalArgumentException e) {
                    log.warn("{} cannot be written: {}", info, e.getMessage());
                }
            }
            if (writes.isEmpty()) {
                return;
            }
            List<Boolean> written = access.await(access.writeAll(queue, writes), "to write schedules");
            for (int i = 0; i < written.size(); i++) {
                if (!written.get(i)) {
                    refreshAgain(queue, names.get(i));
                }
            }
        });
    }

    /** Somebody fired or changed it meanwhile. */
    private void refreshAgain(String queue, String name) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Optional<ScheduleInfo> found = access.find(queue, name).filter(this::isMine);
            if (found.isEmpty()) {
                return;
            }
            long now = access.nowMillis(queue);
            ScheduleState after = refreshed(found.get(), now);
            if (after == null || access.write(found.get(), after, now)) {
                return;
            }
        }
    }

    /** Its state once it says that it was seen now; null if it says so well enough. */
    private @Nullable ScheduleState refreshed(ScheduleInfo info, long now) {
        ScheduleState state = ScheduleAccess.readable(info);
        Owner there = state.owner();
        return there == null || now - there.seenMillis() <= periodNanos / 2_000_000
                ? null
                : state.withOwner(new Owner(there.name(), there.version(), now));
    }

    private boolean isMine(ScheduleInfo info) {
        return owner != null && info.owner().filter(owner.name()::equals).isPresent();
    }

    /** A queue that cannot be read is left until the next time, or none behind it would be looked at. */
    private void sweepNext(Page page) {
        try {
            sweep(page);
        } catch (RuntimeException e) {
            toSweep.remove(page);
            throw e;
        }
    }

    private void sweep(Page page) {
        List<ScheduleInfo> found = access.list(page.queue(), page.offset(), PIECE);
        int removed = 0;
        if (!found.isEmpty()) {
            long now = access.nowMillis(page.queue());
            followClock(found, now);
            removed = removeUseless(found, now);
        }
        found.stream().filter(this::isElsewhere).forEach(info -> putter.removeSpare(info.name()));
        toSweep.remove();
        if (!found.isEmpty()) {
            toSweep.addFirst(new Page(page.queue(), page.offset() + found.size() - removed));
        }
    }

    /** Gives how many. What this process defines stays. */
    private int removeUseless(List<ScheduleInfo> some, long now) {
        int removed = 0;
        for (ScheduleInfo info : some) {
            if (definitions.containsKey(info.name())) {
                continue;
            }
            if (isMine(info) && isForgotten(info, now)) {
                if (access.remove(info)) {
                    removed++;
                    log.info(
                            "removed {}: no process of owner \"{}\" defines it any more",
                            info,
                            info.owner().orElse(""));
                }
            } else if (isOver(info, now) && access.remove(info)) {
                removed++;
                log.info("removed {}: it has had its last due time", info);
            }
        }
        return removed;
    }

    private boolean isOver(ScheduleInfo info, long now) {
        ScheduleState state = info.state();
        long since = state == null ? ScheduleState.NONE : state.overSinceMillis();
        return since != ScheduleState.NONE && now - since > keep.over().toMillis();
    }

    /** Lets those fire that would wait until a clock which was set back has come to where it was. */
    private void followClock(List<ScheduleInfo> some, long now) {
        for (ScheduleInfo info : some) {
            ScheduleState state = info.state();
            ScheduleState after = state == null ? null : state.afterClockWentBack(now);
            if (after == null || (after.equals(state) && !looksTooLate(info, after, now))) {
                continue;
            }
            if (access.write(info, after, now)) {
                log.warn(
                        "the broker's clock was set back: {} was to be looked at at {}, and is looked at at {} now",
                        info,
                        Instant.ofEpochMilli(info.stored().fireAtMillis()),
                        Instant.ofEpochMilli(after.fireAt(info.name(), now)));
            }
        }
    }

    /** Whether a due time waits for the last job, and the next look at that job is later than it is ever planned. */
    private static boolean looksTooLate(ScheduleInfo info, ScheduleState state, long now) {
        return state.waiting() != ScheduleState.NONE && info.stored().fireAtMillis() > state.fireAt(info.name(), now);
    }

    /** In another queue than this process puts it into: it moved, or there are two. */
    private boolean isElsewhere(ScheduleInfo info) {
        PreparedSchedule code = definitions.get(info.name());
        return code != null && !code.queue().equals(info.queue()) && !ScheduleAccess.isMoving(info);
    }

    /** A version does not remove what a higher one has written. */
    private boolean isForgotten(ScheduleInfo info, long now) {
        Owner there = ScheduleAccess.readable(info).owner();
        return there != null
                && owner != null
                && there.version() <= owner.version()
                && now - there.seenMillis() > keep.undefined().toMillis();
    }
}
