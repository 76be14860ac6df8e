package io.tidemill.schedule;

import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.PreparedJob;
import io.tidemill.task.PayloadException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as an operator sees it, as of one moment.
 *
 * <p>Immutable. Made by {@link Schedules}.
 */
public final class ScheduleInfo {

    private static final long OVERDUE_MILLIS = 60_000;

    private final String queue;
    private final StoredSchedule stored;
    private final @Nullable ScheduleState state;
    private final @Nullable String problem;

    private ScheduleInfo(String queue, StoredSchedule stored, @Nullable ScheduleState state, @Nullable String problem) {
        this.queue = queue;
        this.stored = stored;
        this.state = state;
        this.problem = problem;
    }

    static ScheduleInfo of(String queue, StoredSchedule stored) {
        try {
            return new ScheduleInfo(queue, stored, ScheduleCodec.decode(stored.content()), null);
        } catch (IllegalArgumentException e) {
            return new ScheduleInfo(queue, stored, null, "it cannot be read: " + e.getMessage());
        }
    }

    /** What is stored of it. */
    StoredSchedule stored() {
        return stored;
    }

    /** What it is; null if it cannot be read. */
    @Nullable
    ScheduleState state() {
        return state;
    }

    /** Its name. */
    public String name() {
        return stored.name();
    }

    /** The queue that its jobs go to. */
    public String queue() {
        return queue;
    }

    /**
     * What it is: with changes it can be put again. Empty if it cannot be read here, as one that was written by a newer
     * version; {@link #problem} says why.
     */
    public Optional<Schedule> definition() {
        if (state == null) {
            return Optional.empty();
        }
        try {
            PreparedJob call = PreparedJob.fromBytes(state.definition().call());
            return Optional.of(Schedule.stored(name(), state.definition(), call, state.paused()));
        } catch (PayloadException e) {
            return Optional.empty();
        }
    }

    /** Whether it is paused. */
    public boolean isPaused() {
        return state != null && state.paused();
    }

    /** Whose code defines it; empty if it was made at run time, or by code that names no owner. */
    public Optional<String> owner() {
        return Optional.ofNullable(state).map(ScheduleState::owner).map(ScheduleState.Owner::name);
    }

    /** The version of the code that defines it; 0 if none does. */
    public long version() {
        return state == null || state.owner() == null ? 0 : state.owner().version();
    }

    /** The next due time. With jitter its job is stored a little later. Empty if it is paused or over. */
    public Optional<Instant> next() {
        return upcoming(1).stream().findFirst();
    }

    /**
     * The next due times.
     *
     * @param most how many at most, 0 to 1,000
     * @throws IllegalArgumentException if that is out of range
     */
    public List<Instant> upcoming(int most) {
        if (most < 0 || most > 1_000) {
            throw new IllegalArgumentException("upcoming must be 0 to 1,000, got " + most);
        }
        if (state == null || state.paused() || state.movedTo() != null || state.due() == ScheduleState.NONE) {
            return List.of();
        }
        Timing timing = state.definition().timing();
        return Stream.iterate(
                        Optional.of(Instant.ofEpochMilli(state.due())),
                        Optional::isPresent,
                        due -> due.flatMap(timing::next))
                .limit(most)
                .flatMap(Optional::stream)
                .toList();
    }

    /** The last due time for which a job was stored. */
    public Optional<Instant> lastDue() {
        return state == null || state.lastDue() == ScheduleState.NONE
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(state.lastDue()));
    }

    /** The id of the job that was stored last, triggered ones included. */
    public Optional<String> lastJobId() {
        return Optional.ofNullable(state).map(ScheduleState::lastJob);
    }

    /** The due time that waits until the last job has ended. */
    public Optional<Instant> waiting() {
        return state == null || state.waiting() == ScheduleState.NONE
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(state.waiting()));
    }

    /** For how many due times a job was stored. */
    public long fired() {
        return state == null ? 0 : state.counts().fired();
    }

    /** How many due times the overlap policy left out. */
    public long skipped() {
        return state == null ? 0 : state.counts().skipped();
    }

    /** How many due times the misfire policy left out; after a long time some may not be counted. */
    public long missed() {
        return state == null ? 0 : state.counts().missed();
    }

    /** What became of the last due times, the newest first: 20 entries at most. */
    public List<HistoryEntry> history() {
        return state == null ? List.of() : state.history();
    }

    /** Why it does not fire, in one line: it cannot be read here, its job is refused, or it moves to another queue. */
    public Optional<String> problem() {
        if (state == null) {
            return Optional.ofNullable(problem);
        } else if (state.movedTo() != null) {
            return Optional.of("it was on its way to queue " + state.movedTo() + "; put it again");
        }
        return Optional.ofNullable(state.trouble()).map(ScheduleState.Trouble::why);
    }

    /** Whether it was to fire more than a minute ago, and has not. */
    boolean isOverdue(long now) {
        long due = stored.fireAtMillis();
        if (state != null) {
            boolean fires = !state.paused() && state.movedTo() == null && state.due() != ScheduleState.NONE;
            due = fires
                    ? state.definition()
                            .timing()
                            .fireTime(name(), Instant.ofEpochMilli(state.due()))
                            .toEpochMilli()
                    : StoredSchedule.NEVER;
        }
        return due != StoredSchedule.NEVER && due < now - OVERDUE_MILLIS;
    }

    /** In English, for people: "at 02:00 every day, Europe/Berlin". The words may change in any release. */
    public String describe() {
        return state == null ? "unknown" : state.definition().timing().describe();
    }

    @Override
    public String toString() {
        return "schedule " + name() + " of queue " + queue + ": " + describe() + (isPaused() ? ", paused" : "")
                + problem().map(why -> ", " + why).orElse("");
    }
}
