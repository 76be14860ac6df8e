package io.tidemill.schedule;

import io.tidemill.client.PreparedJob;
import io.tidemill.schedule.ScheduleState.Owner;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is stored in step with what the code of this process defines. At the start each definition is put. After
 * that it is only said, from time to time, that somebody still defines it; a definition is not put again while it is
 * there, so that two versions that run side by side do not change it to and fro. What an owner has stored and nobody
 * has defined for a long time is removed.
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
    private final Duration keep;
    private final long periodNanos;
    private final Map<String, Code> definitions = new LinkedHashMap<>();
    /** Not stored yet. */
    private final Deque<Code> toPut = new ArrayDeque<>();
    /** Those that are looked after in this period. */
    private final Deque<Code> toTouch = new ArrayDeque<>();
    /** Pages of queues to look for what nobody defines any more, or what is in two queues. */
    private final Deque<Page> toSweep = new ArrayDeque<>();

    private long dueNanos;

    /** A definition and its call. */
    record Code(Schedule schedule, PreparedJob call) {}

    private record Page(String queue, int offset) {}

    /**
     * Definitions that are not stored yet.
     *
     * @param owner whose they are; null for nobody's, and then none is removed
     * @param version of the code
     * @param keep how long a schedule that nobody defines any more is kept
     */
    CodeSchedules(
            ScheduleAccess access,
            SchedulePutter putter,
            Clock clock,
            @Nullable String owner,
            long version,
            Duration keep,
            List<Code> definitions) {
        this.access = access;
        this.putter = putter;
        this.clock = clock;
        this.owner = owner == null ? null : new Owner(owner, version, 0);
        this.keep = keep;
        Duration quarter = keep.dividedBy(4);
        this.periodNanos = (quarter.compareTo(LONGEST_PERIOD) < 0 ? quarter : LONGEST_PERIOD).toNanos();
        definitions.forEach(code -> this.definitions.put(code.schedule().name(), code));
        this.toPut.addAll(definitions);
        this.dueNanos = clock.nanos() + periodNanos;
    }

    /** Puts those that are not stored yet. If the broker is away, the rounds go on with it. */
    void putAll() {
        while (!toPut.isEmpty()) {
            put(toPut.peek());
            toPut.remove();
        }
    }

    private void put(Code code) {
        try {
            if (putter.put(code.schedule(), code.call(), owner)) {
                log.info("stored {}", code.schedule());
            } else {
                // It is there already: a process that does not define it must not find it forgotten.
                access.find(code.call().queue(), code.schedule().name())
                        .or(() -> access.find(code.schedule().name()))
                        .ifPresent(this::refresh);
            }
        } catch (IllegalStateException | IllegalArgumentException e) {
            // Of a newer version, or changed by others all the time: it is there, and it is left as it is. Or its time
            // has passed: that comes with time to each single time in code, and must not keep a process from starting.
            log.warn("{} is not stored as it is defined here: {}", code.schedule(), e.getMessage());
        }
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
        for (int i = 0; i < PIECE && !toTouch.isEmpty(); i++) {
            touch(toTouch.peek());
            toTouch.remove();
        }
        if (toTouch.isEmpty() && !toSweep.isEmpty()) {
            sweep(toSweep.peek());
        }
        return toTouch.isEmpty() && toSweep.isEmpty() ? Math.max(0, dueNanos - clock.nanos()) : 0;
    }

    private void begin() {
        toTouch.addAll(definitions.values());
        if (owner != null || !definitions.isEmpty()) {
            access.queues().forEach(queue -> toSweep.add(new Page(queue, 0)));
        }
        dueNanos = clock.nanos() + periodNanos;
    }

    /** Says that this process defines it. What is gone, as after a loss of data, is put again. */
    private void touch(Code code) {
        String name = code.schedule().name();
        Optional<ScheduleInfo> found = access.find(code.call().queue(), name).or(() -> access.find(name));
        if (found.isEmpty() || ScheduleAccess.isMoving(found.get())) {
            put(code);
        } else {
            refresh(found.get());
        }
    }

    /** Writes that it was seen now, if that was not written for half a period. */
    private void refresh(ScheduleInfo first) {
        Optional<ScheduleInfo> found = Optional.of(first);
        for (int i = 0; i < MOST_TRIES && found.isPresent() && isMine(found.get()); i++) {
            long now = access.nowMillis(first.queue());
            ScheduleState state = ScheduleAccess.readable(found.get());
            Owner there = state.owner();
            if (there == null
                    || now - there.seenMillis() <= periodNanos / 2_000_000
                    || access.write(found.get(), state.withOwner(new Owner(there.name(), there.version(), now)), now)) {
                return;
            }
            // Somebody fired or changed it meanwhile.
            found = access.find(first.queue(), first.name());
        }
    }

    private boolean isMine(ScheduleInfo info) {
        return owner != null && info.owner().filter(owner.name()::equals).isPresent();
    }

    private void sweep(Page page) {
        List<ScheduleInfo> found = access.list(page.queue(), page.offset(), PIECE);
        int removed = 0;
        found.stream().filter(this::isElsewhere).forEach(info -> putter.removeSpare(info.name()));
        for (Iterator<ScheduleInfo> all = found.iterator(); all.hasNext(); ) {
            ScheduleInfo info = all.next();
            if (isMine(info) && !definitions.containsKey(info.name()) && isForgotten(info) && access.remove(info)) {
                removed++;
                log.info(
                        "removed {}: no process of owner \"{}\" defines it any more",
                        info,
                        info.owner().orElse(""));
            }
        }
        toSweep.remove();
        if (!found.isEmpty()) {
            toSweep.addFirst(new Page(page.queue(), page.offset() + found.size() - removed));
        }
    }

    /** In another queue than this process puts it into: it moved, or there are two. */
    private boolean isElsewhere(ScheduleInfo info) {
        Code code = definitions.get(info.name());
        return code != null && !code.call().queue().equals(info.queue()) && !ScheduleAccess.isMoving(info);
    }

    /** A version does not remove what a higher one has written. */
    private boolean isForgotten(ScheduleInfo info) {
        Owner there = ScheduleAccess.readable(info).owner();
        return there != null
                && owner != null
                && there.version() <= owner.version()
                && access.nowMillis(info.queue()) - there.seenMillis() > keep.toMillis();
    }
}
