package io.tidemill.schedule;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The due times of a schedule that have come, from its next due time on. Found in bounded time, however long nobody
 * looked: some 50 ms at most.
 *
 * @param missedCount how many are missed; at least {@value #MOST_STEPS} if there are more
 * @param missed the newest of them, in order, as many as were asked for
 * @param lastMissed the last one that is missed; null if none is
 * @param onTime those within the grace, in order
 * @param next the first due time that is in neither; null if there is none
 */
record PendingTimes(
        long missedCount,
        List<Instant> missed,
        @Nullable Instant lastMissed,
        List<Instant> onTime,
        @Nullable Instant next) {

    /** Most due times that are looked at one by one. */
    static final int MOST_STEPS = 10_000;

    /**
     * Finds them.
     *
     * @param due the next due time; it is at its time of firing or past it
     * @param mostMissed how many of the missed ones to bring, 0 to 1,000
     * @param mostOnTime how many of the others to bring, 1 or more; the rest comes at the next look
     */
    static PendingTimes of(
            Timing timing,
            String schedule,
            Instant due,
            Instant now,
            long graceMillis,
            int mostMissed,
            int mostOnTime) {
        return new Search(timing, schedule, now, now.minusMillis(graceMillis)).run(due, mostMissed, mostOnTime);
    }

    /** One search. Confined to one thread. */
    private static final class Search {

        private final Timing timing;
        private final String schedule;
        private final Instant now;
        /** What was to fire before this is missed. */
        private final Instant limit;

        private final Deque<Instant> missed = new ArrayDeque<>();
        private final List<Instant> onTime = new ArrayList<>();
        private long missedCount;
        private @Nullable Instant lastMissed;

        Search(Timing timing, String schedule, Instant now, Instant limit) {
            this.timing = timing;
            this.schedule = schedule;
            this.now = now;
            this.limit = limit;
        }

        PendingTimes run(Instant due, int mostMissed, int mostOnTime) {
            Instant time = due;
            while (time != null && isMissed(time)) {
                if (missedCount == MOST_STEPS) {
                    time = leap(due, mostMissed);
                    break;
                }
                miss(time, mostMissed);
                time = following(time);
            }
            while (time != null && !fires(time).isAfter(now) && onTime.size() < mostOnTime) {
                onTime.add(time);
                time = following(time);
            }
            return new PendingTimes(missedCount, List.copyOf(missed), lastMissed, List.copyOf(onTime), time);
        }

        private void miss(Instant time, int most) {
            missedCount++;
            lastMissed = time;
            missed.add(time);
            if (missed.size() > most) {
                missed.remove();
            }
        }

        /** Goes to the last one that is missed, and back from there. Gives the first one that is not. */
        private @Nullable Instant leap(Instant due, int most) {
            Instant last = before(limit);
            while (last != null && !isMissed(last)) {
                last = before(last);
            }
            missed.clear();
            lastMissed = last;
            Instant time = last;
            while (time != null && missed.size() < most && !time.isBefore(due)) {
                missed.addFirst(time);
                time = before(time);
            }
            return last == null ? null : following(last);
        }

        private boolean isMissed(Instant time) {
            return fires(time).isBefore(limit);
        }

        private Instant fires(Instant time) {
            return timing.fireTime(schedule, time);
        }

        private @Nullable Instant following(Instant time) {
            return timing.next(time).orElse(null);
        }

        private @Nullable Instant before(Instant time) {
            return timing.previous(time).orElse(null);
        }
    }
}
