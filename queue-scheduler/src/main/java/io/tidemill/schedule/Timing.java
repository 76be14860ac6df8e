package io.tidemill.schedule;

import io.tidemill.lint.CheckReturnValue;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a schedule fires: by a cron expression in a time zone, at a fixed interval, or once; within a start and an end,
 * and with jitter if wanted.
 *
 * <p>A timing is a sequence of <i>due times</i>. They are whole milliseconds between 1970 and the end of the year 9999,
 * and depend only on the timing and on the time zone data of the JDK: every process computes the same ones. A due time
 * identifies a firing; {@link #fireTime} says when it happens, which is at the due time or, with jitter, a little
 * later.
 *
 * <p>Where clocks are moved, a cron expression follows two rules. Local times that do not exist, because clocks were
 * moved forward, are due once, at the end of the gap; if the hours are a wildcard they are dropped, since the next time
 * is as near as always. Local times that exist twice, because clocks were moved back, are due the first time only; if
 * hours or minutes are a wildcard, they are due both times. A wildcard is a field with {@code *} or with a step without
 * an end, such as {@code 5/15}. Intervals are counted in real time.
 *
 * <p>Immutable and thread-safe. Two timings are equal if they were written alike.
 */
@CheckReturnValue
public final class Timing {

    /** Shortest interval: 1 s. */
    public static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    /** Longest interval and jitter: 3,650 days. */
    public static final Duration LONGEST_INTERVAL = Duration.ofDays(3650);

    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

    private final DueTimes times;
    private final Instant start;
    private final Instant end;
    private final Duration jitter;

    private Timing(DueTimes times, Instant start, Instant end, Duration jitter) {
        this.times = times;
        this.start = start;
        this.end = end;
        this.jitter = jitter;
    }

    private static Timing of(DueTimes times) {
        return new Timing(times, FIRST, Instant.MAX, Duration.ZERO);
    }

    /**
     * By a cron expression of five fields (minute, hour, day of month, month, day of week), of six (second before
     * them), or a nickname such as {@code @daily}. The guide to schedules lists what a field may hold. Where both
     * fields for days are restricted, a day that either of them allows is allowed.
     *
     * @throws IllegalArgumentException if the expression is none, or never fires; the message names the field, its text
     *     and the reason
     */
    public static Timing cron(String expression, ZoneId zone) {
        return of(new CronTimes(CronParser.parse(expression), Objects.requireNonNull(zone, "zone")));
    }

    /**
     * At a fixed interval, counted from 1970-01-01T00:00Z: with 10 minutes at 00:00, 00:10 and so on, and not from the
     * time at which a process was started.
     *
     * @param interval 1 s to 3,650 days, in whole milliseconds
     * @throws IllegalArgumentException if the interval is out of range
     */
    public static Timing every(Duration interval) {
        return every(interval, FIRST);
    }

    /**
     * At a fixed interval, the first time at the given one.
     *
     * @param interval 1 s to 3,650 days, in whole milliseconds
     * @param first 1970 to 9999, in whole milliseconds
     * @throws IllegalArgumentException if one of them is out of range
     */
    public static Timing every(Duration interval, Instant first) {
        if (interval.compareTo(SHORTEST_INTERVAL) < 0) {
            throw new IllegalArgumentException("interval must be at least 1 s, got " + interval);
        }
        return of(new IntervalTimes(checkDuration("interval", interval), check("first", first)));
    }

    /**
     * Once, at this time.
     *
     * @param at 1970 to 9999, in whole milliseconds
     * @throws IllegalArgumentException if it is out of range
     */
    public static Timing once(Instant at) {
        return of(new SingleTime(check("at", at)));
    }

    /**
     * The same, without the due times before this one; one at this time stays.
     *
     * @param start 1970 to 9999, in whole milliseconds
     * @throws IllegalArgumentException if it is out of range, or not before the end
     */
    public Timing startingAt(Instant start) {
        return within(check("start", start), end);
    }

    /**
     * The same, without the due times from this one on. With jitter, the last firing may happen later than this.
     *
     * @param end 1970 to 9999, in whole milliseconds
     * @throws IllegalArgumentException if it is out of range, or not after the start
     */
    public Timing endingBefore(Instant end) {
        return within(start, check("end", end));
    }

    private Timing within(Instant newStart, Instant newEnd) {
        if (!newStart.isBefore(newEnd)) {
            throw new IllegalArgumentException("start must be before end, got " + newStart + " and " + newEnd);
        }
        return new Timing(times, newStart, newEnd, jitter);
    }

    /**
     * The same, with each firing later than its due time by a wait below this one; see {@link #fireTime}. Zero, the
     * default, for none.
     *
     * @param longest 0 to 3,650 days, in whole milliseconds
     * @throws IllegalArgumentException if it is out of range
     */
    public Timing jitter(Duration longest) {
        if (longest.isNegative()) {
            throw new IllegalArgumentException("jitter must not be negative, got " + longest);
        }
        return new Timing(times, start, end, checkDuration("jitter", longest));
    }

    /** The first due time later than this one; empty if there is none any more. Takes microseconds. */
    public Optional<Instant> next(Instant after) {
        return Optional.ofNullable(following(after));
    }

    private @Nullable Instant following(Instant after) {
        Instant from = after.isBefore(start) ? start.minusMillis(1) : after;
        Instant next = from.isBefore(LAST) ? times.next(from) : null;
        return next != null && next.isBefore(end) && !next.isAfter(LAST) ? next : null;
    }

    /**
     * The last due time earlier than this one; empty if there is none. Searches with {@link #next}, which it calls some
     * 60 times.
     */
    public Optional<Instant> previous(Instant before) {
        Instant limit = before.isAfter(LAST) ? LAST.plusMillis(1) : before;
        if (!isDueBetween(Instant.MIN, limit)) {
            return Optional.empty();
        }
        // Between low and the limit there is a due time, between high and the limit there is none.
        long back = 1;
        while (!isDueBetween(limit.minusMillis(back), limit)) {
            back *= 2;
        }
        Instant low = limit.minusMillis(back);
        Instant high = limit;
        while (low.until(high, ChronoUnit.MILLIS) > 1) {
            Instant middle = low.plusMillis(low.until(high, ChronoUnit.MILLIS) / 2);
            if (isDueBetween(middle, limit)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return next(low);
    }

    private boolean isDueBetween(Instant after, Instant before) {
        Instant next = following(after);
        return next != null && next.isBefore(before);
    }

    /**
     * When the schedule of this name fires for this due time: never earlier, and before the next due time. With jitter
     * the wait depends on the name, so that schedules with one timing are spread; it is the same in every process and
     * at every call.
     *
     * @param schedule the name of the schedule
     * @param due a due time of this timing
     */
    public Instant fireTime(String schedule, Instant due) {
        Instant next = times.next(due);
        long room = next == null ? Long.MAX_VALUE : due.until(next, ChronoUnit.MILLIS);
        long bound = Math.min(jitter.toMillis(), room);
        return bound <= 1 ? due : due.plusMillis(Long.remainderUnsigned(mix(schedule.hashCode(), due), bound));
    }

    /**
     * Spreads evenly also over names and times that differ little: the last step of SplitMix64 (Steele et al., 2014).
     */
    private static long mix(int hash, Instant due) {
        long z = hash * 0x9E3779B97F4A7C15L + due.toEpochMilli();
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** The due times before start, end and jitter. */
    DueTimes times() {
        return times;
    }

    /** No due time is earlier. */
    Instant start() {
        return start;
    }

    /** Every due time is earlier; {@link Instant#MAX} for no end. */
    Instant end() {
        return end;
    }

    /** The bound of the waits of {@link #fireTime}. */
    Duration jitter() {
        return jitter;
    }

    /** In English, for people: "at 02:00 every day, Europe/Berlin". The words may change in any release. */
    public String describe() {
        StringBuilder words = new StringBuilder(times.describe());
        if (start.isAfter(FIRST)) {
            words.append(", from ").append(start);
        }
        if (end.isBefore(Instant.MAX)) {
            words.append(", until ").append(end);
        }
        if (!jitter.isZero()) {
            words.append(", up to ").append(IntervalTimes.inWords(jitter)).append(" later");
        }
        return words.toString();
    }

    private static Duration checkDuration(String what, Duration duration) {
        if (duration.compareTo(LONGEST_INTERVAL) > 0) {
            throw new IllegalArgumentException(what + " must be at most 3,650 days, got " + duration);
        }
        if (!duration.truncatedTo(ChronoUnit.MILLIS).equals(duration)) {
            throw new IllegalArgumentException(what + " must be whole milliseconds, got " + duration);
        }
        return duration;
    }

    private static Instant check(String what, Instant time) {
        if (time.isBefore(FIRST)
                || time.isAfter(LAST)
                || !time.truncatedTo(ChronoUnit.MILLIS).equals(time)) {
            throw new IllegalArgumentException(
                    what + " must be whole milliseconds, from the year 1970 to the year 9999, got " + time);
        }
        return time;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Timing that
                && times.equals(that.times)
                && start.equals(that.start)
                && end.equals(that.end)
                && jitter.equals(that.jitter);
    }

    @Override
    public int hashCode() {
        return Objects.hash(times, start, end, jitter);
    }

    /** The same as {@link #describe}. */
    @Override
    public String toString() {
        return describe();
    }
}
