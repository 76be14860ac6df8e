package io.tidemill.schedule;

import io.tidemill.broker.StoredSchedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A schedule and what became of it so far: the content of a {@link StoredSchedule}. All times are ms since 1970 by the
 * broker's clock; {@link #NONE} for none.
 *
 * <p>Immutable.
 *
 * @param definition what it is
 * @param owner whose code defines it; null if it was made at run time
 * @param paused whether it does not fire
 * @param movedTo the queue that it moves to; null if it does not
 * @param due the next due time
 * @param waiting the due time that waits until the last job has ended
 * @param lastDue the last due time for which a job was stored
 * @param lastJob the id of the job that was stored last, but not of one that was triggered while the one before was
 *     looked at and had not ended; null if there was none
 * @param counts how often what happened
 * @param trouble why it cannot fire; null if it can
 * @param history the newest entries, newest first
 */
record ScheduleState(
        Definition definition,
        @Nullable Owner owner,
        boolean paused,
        @Nullable String movedTo,
        long due,
        long waiting,
        long lastDue,
        @Nullable String lastJob,
        Counts counts,
        @Nullable Trouble trouble,
        List<HistoryEntry> history) {

    static final long NONE = -1;

    /** Entries of the history that are kept. */
    static final int HISTORY = 20;

    private static final long CLOCKS_DIFFER_MILLIS = 2 * 3_600_000;

    /** How often is looked whether the last job has ended, while a due time waits for that. */
    private static final long LOOK_AGAIN_MILLIS = 1_000;

    /**
     * Whose code defines a schedule.
     *
     * @param name the owner
     * @param version of its code; a lower one changes nothing
     * @param seenMillis when a process that defines it said so last
     */
    record Owner(String name, long version, long seenMillis) {}

    /** How many due times were fired, skipped by overlap, and missed. */
    record Counts(long fired, long skipped, long missed) {}

    /**
     * Why a schedule cannot fire.
     *
     * @param why in one line
     * @param tries how often it was tried
     * @param untilMillis when it is tried again
     */
    record Trouble(String why, int tries, long untilMillis) {

        /** The longest time from one try to the next. */
        static final long LONGEST_MILLIS = 600_000;
    }

    /** One that is new at this time. */
    static ScheduleState of(Definition definition, @Nullable Owner owner, boolean paused, long now) {
        return new ScheduleState(
                definition,
                owner,
                paused,
                null,
                nextDue(definition.timing(), now),
                NONE,
                NONE,
                null,
                new Counts(0, 0, 0),
                null,
                List.of());
    }

    /** The first due time later than this one. */
    static long nextDue(Timing timing, long after) {
        return timing.next(Instant.ofEpochMilli(after))
                .map(Instant::toEpochMilli)
                .orElse(NONE);
    }

    /** When the broker is to bring it again. */
    long fireAt(String name, long now) {
        if (paused || movedTo != null) {
            return StoredSchedule.NEVER;
        } else if (trouble != null) {
            return trouble.untilMillis();
        }
        long next = due == NONE
                ? StoredSchedule.NEVER
                : definition.timing().fireTime(name, Instant.ofEpochMilli(due)).toEpochMilli();
        if (waiting == NONE) {
            return next;
        }
        return next == StoredSchedule.NEVER ? now + LOOK_AGAIN_MILLIS : Math.min(next, now + LOOK_AGAIN_MILLIS);
    }

    /** With another definition from now on. Due times stay if the timing does. */
    ScheduleState define(Definition value, @Nullable Owner by, long now) {
        boolean hasSameTiming = value.timing().equals(definition.timing());
        ScheduleState before = value.overlap() == definition.overlap() ? this : dropWaiting(now);
        return before.copy(to -> {
            to.definition = value;
            to.owner = by;
            to.movedTo = null;
            to.trouble = null;
            to.due = hasSameTiming ? due : nextDue(value.timing(), now);
        });
    }

    ScheduleState withOwner(Owner value) {
        return copy(to -> to.owner = value);
    }

    /** On its way to another queue: it does not fire here any more. */
    ScheduleState movingTo(String queue) {
        return copy(to -> to.movedTo = queue);
    }

    /** In another queue than before, where its last job is not known. */
    ScheduleState arrived() {
        return copy(to -> {
            to.movedTo = null;
            to.lastJob = null;
        });
    }

    ScheduleState withTrouble(@Nullable Trouble value) {
        return copy(to -> to.trouble = value);
    }

    ScheduleState withDue(long value) {
        return copy(to -> to.due = value);
    }

    /** Fires no more. A due time that waits is left out: the reason to wait is over long before it is resumed. */
    ScheduleState pause(long now) {
        return dropWaiting(now).copy(to -> to.paused = true);
    }

    /** Fires again from now on. What was due while it was paused is left out. */
    ScheduleState resume(long now) {
        return dropWaiting(now).copy(to -> {
            to.paused = false;
            to.due = due == NONE || due > now ? due : nextDue(definition.timing(), now);
        });
    }

    /**
     * With the next due time from now on, if the broker's clock was set back. With a clock that only goes on, no
     * schedule waits longer than until its first due time from now on, and none that was refused longer than
     * {@link Trouble#LONGEST_MILLIS}. Processes whose rules of a time zone differ may differ by an hour or so.
     *
     * @return an equal one if it was not
     */
    ScheduleState afterClockWentBack(long now) {
        long next = nextDue(definition.timing(), now);
        boolean isDueTooLate = next != NONE && due > next + CLOCKS_DIFFER_MILLIS;
        boolean isTriedTooLate = trouble != null && trouble.untilMillis() > now + Trouble.LONGEST_MILLIS;
        return paused || movedTo != null || (!isDueTooLate && !isTriedTooLate)
                ? this
                : copy(to -> {
                    to.due = isDueTooLate ? next : due;
                    to.trouble = null;
                });
    }

    /**
     * Since when it has nothing to do any more, or a later time at which something was done with it.
     *
     * @return {@link #NONE} if it may fire again
     */
    long overSinceMillis() {
        if (due != NONE || waiting != NONE || movedTo != null) {
            return NONE;
        }
        long last = definition
                .timing()
                .previous(Instant.MAX)
                .map(Instant::toEpochMilli)
                .orElse(0L);
        long seen = owner == null ? 0 : owner.seenMillis();
        long changed = history.isEmpty() ? 0 : history.get(0).at().toEpochMilli();
        return Math.max(last, Math.max(seen, changed));
    }

    /** A job was stored for this due time. */
    ScheduleState fired(long time, String job, long now) {
        return copy(to -> {
            to.lastDue = time;
            to.lastJob = job;
            to.trouble = null;
            to.waiting = time == waiting ? NONE : waiting;
            to.counts = new Counts(counts.fired() + 1, counts.skipped(), counts.missed());
            to.add(new HistoryEntry(time, now, HistoryEntry.What.FIRED, 1, job));
        });
    }

    private ScheduleState dropWaiting(long now) {
        return waiting == NONE ? this : skipped(waiting, now).copy(to -> to.waiting = NONE);
    }

    /**
     * A job was stored because somebody asked for it.
     *
     * @param isLastRunning whether the last job has not ended: then it stays the one that is looked at
     */
    ScheduleState triggered(String job, boolean isLastRunning, long now) {
        return copy(to -> {
            to.lastJob = isLastRunning ? lastJob : job;
            to.add(new HistoryEntry(now, now, HistoryEntry.What.TRIGGERED, 1, job));
        });
    }

    /** Jobs were stored for so many due times in the past, this one the last of them. */
    ScheduleState backfilled(long count, long last, long now) {
        return copy(to -> to.add(new HistoryEntry(last, now, HistoryEntry.What.BACKFILLED, count, null)));
    }

    /** This due time is left out, as the last job has not ended. */
    ScheduleState skipped(long time, long now) {
        return copy(to -> {
            to.counts = new Counts(counts.fired(), counts.skipped() + 1, counts.missed());
            to.add(new HistoryEntry(time, now, HistoryEntry.What.SKIPPED, 1, null));
        });
    }

    /** So many due times are left out, this one the last of them, as they are too late. */
    ScheduleState missed(long count, long last, long now) {
        return copy(to -> {
            to.counts = new Counts(counts.fired(), counts.skipped(), counts.missed() + count);
            to.add(new HistoryEntry(last, now, HistoryEntry.What.MISSED, count, null));
        });
    }

    /** This due time waits until the last job has ended. */
    ScheduleState buffered(long time, long now) {
        return copy(to -> {
            to.waiting = time;
            to.add(new HistoryEntry(time, now, HistoryEntry.What.BUFFERED, 1, null));
        });
    }

    private ScheduleState copy(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.state();
    }

    /** A state that is being made. */
    static final class Draft {

        Definition definition;

        @Nullable
        Owner owner;

        boolean paused;

        @Nullable
        String movedTo;

        long due = NONE;
        long waiting = NONE;
        long lastDue = NONE;

        @Nullable
        String lastJob;

        Counts counts = new Counts(0, 0, 0);

        @Nullable
        Trouble trouble;

        List<HistoryEntry> history = List.of();

        Draft(Definition definition) {
            this.definition = definition;
        }

        private Draft(ScheduleState from) {
            this.definition = from.definition;
            this.owner = from.owner;
            this.paused = from.paused;
            this.movedTo = from.movedTo;
            this.due = from.due;
            this.waiting = from.waiting;
            this.lastDue = from.lastDue;
            this.lastJob = from.lastJob;
            this.counts = from.counts;
            this.trouble = from.trouble;
            this.history = from.history;
        }

        private void add(HistoryEntry entry) {
            List<HistoryEntry> entries = new ArrayList<>(HISTORY);
            entries.add(entry);
            entries.addAll(history.subList(0, Math.min(history.size(), HISTORY - 1)));
            history = List.copyOf(entries);
        }

        ScheduleState state() {
            return new ScheduleState(
                    definition, owner, paused, movedTo, due, waiting, lastDue, lastJob, counts, trouble, history);
        }
    }
}
