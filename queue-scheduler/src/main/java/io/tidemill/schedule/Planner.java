package io.tidemill.schedule;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a schedule does at a time: a pure function of its state, the time, and whether its last job has ended.
 * Whoever asks the same gets the same, so it does not matter which process does it.
 *
 * <p>Confined to one thread; use {@link #plan}.
 */
final class Planner {

    /** Late ones that are not missed; more follow at the next look. */
    private static final int MOST_ON_TIME = 1_000;

    private final String name;
    private final long now;
    private final Overlap overlap;
    private final List<Plan.Firing> firings = new ArrayList<>();
    private ScheduleState state;
    private boolean isRunning;

    private Planner(String name, ScheduleState state, long now, boolean isRunning) {
        this.name = name;
        this.state = state;
        this.now = now;
        this.overlap = state.definition().overlap();
        this.isRunning = isRunning && overlap != Overlap.ALLOW;
    }

    /** Whether what it does depends on whether its last job has ended. */
    static boolean asksForLastJob(ScheduleState state) {
        return state.definition().overlap() != Overlap.ALLOW && state.lastJob() != null;
    }

    /** The id of the job that is stored for a due time. */
    static String jobId(String name, Instant due) {
        return name + "@" + due;
    }

    /**
     * What is to be done now.
     *
     * @param now the broker's clock
     * @param isRunning whether the last job of the schedule has not ended
     * @param most how many jobs at most, 1 or more; the others follow at the next look, which is at once
     */
    static Plan plan(String name, ScheduleState state, long now, boolean isRunning, int most) {
        if (state.paused() || state.movedTo() != null) {
            return new Plan(List.of(), state, false);
        }
        // What held it back is over, or will be found again. It must not stay if there is nothing to fire any more.
        ScheduleState free = state.trouble() == null ? state : state.withTrouble(null);
        return new Planner(name, free, now, isRunning).plan(most);
    }

    private Plan plan(int most) {
        boolean cancels = isRunning && overlap == Overlap.CANCEL_PREVIOUS;
        if (state.waiting() != ScheduleState.NONE && !isRunning) {
            fire(Instant.ofEpochMilli(state.waiting()));
        }
        long due = state.due();
        if (due != ScheduleState.NONE && !fireTime(due).isAfter(Instant.ofEpochMilli(now))) {
            fireDue(Instant.ofEpochMilli(due), most);
        }
        return new Plan(joined(), state, cancels && !firings.isEmpty());
    }

    private Instant fireTime(long due) {
        return state.definition().timing().fireTime(name, Instant.ofEpochMilli(due));
    }

    private void fireDue(Instant due, int most) {
        Definition definition = state.definition();
        PendingTimes pending = PendingTimes.of(
                definition.timing(),
                name,
                due,
                Instant.ofEpochMilli(now),
                definition.graceMillis(),
                definition.misfire().most(),
                MOST_ON_TIME);
        dropMissed(pending);
        List<Instant> chosen = new ArrayList<>(pending.missed());
        chosen.addAll(pending.onTime());
        state = state.withDue(millis(chosen.isEmpty() ? pending.next() : chosen.get(0)));
        for (int i = 0; i < chosen.size() && firings.size() < most; i++) {
            boolean isLast = i + 1 == chosen.size();
            state = state.withDue(millis(isLast ? pending.next() : chosen.get(i + 1)));
            meet(chosen.get(i), isLast);
        }
    }

    private void dropMissed(PendingTimes pending) {
        long dropped = pending.missedCount() - pending.missed().size();
        Instant last = pending.missed().isEmpty()
                ? pending.lastMissed()
                : state.definition().timing().previous(pending.missed().get(0)).orElse(null);
        if (dropped > 0 && last != null) {
            state = state.missed(dropped, last.toEpochMilli(), now);
        }
    }

    /** What there is at a due time: nothing, or the last job, which has not ended. */
    private void meet(Instant due, boolean isLast) {
        switch (overlap) {
            case ALLOW -> fire(due);
            case CANCEL_PREVIOUS -> {
                if (isLast) {
                    fire(due);
                } else {
                    state = state.skipped(due.toEpochMilli(), now);
                }
            }
            default -> {
                if (!isRunning && state.waiting() == ScheduleState.NONE) {
                    fire(due);
                } else if (overlap == Overlap.BUFFER_ONE && state.waiting() == ScheduleState.NONE) {
                    state = state.buffered(due.toEpochMilli(), now);
                } else {
                    state = state.skipped(due.toEpochMilli(), now);
                }
            }
        }
    }

    private void fire(Instant due) {
        Instant previous = state.lastDue() == ScheduleState.NONE ? null : Instant.ofEpochMilli(state.lastDue());
        String job = jobId(name, due);
        state = state.fired(due.toEpochMilli(), job, now);
        firings.add(new Plan.Firing(job, new Tick(name, due, previous), state));
        isRunning = true;
    }

    /** What is decided after a job, until the next one, is stored with it. */
    private List<Plan.Firing> joined() {
        List<Plan.Firing> joined = new ArrayList<>(firings);
        if (!joined.isEmpty()) {
            Plan.Firing last = joined.remove(joined.size() - 1);
            joined.add(new Plan.Firing(last.job(), last.tick(), state));
        }
        return joined;
    }

    private static long millis(@Nullable Instant time) {
        return time == null ? ScheduleState.NONE : time.toEpochMilli();
    }
}
