package io.tidemill.broker.memory;

import io.tidemill.queue.Limit;

/**
 * When the next job may start under a rate: the generic cell rate algorithm (ITU-T I.371), whose whole state is one
 * theoretical arrival time. A start at {@code now} makes it {@code max(tat, now) + interval / starts}, and is allowed
 * if that is at most {@code now + burst * interval / starts}. So no start can have made it later than that: if it is,
 * the clock was set back since, or the rate has changed, and it counts as that.
 */
final class RateLimiter {

    /** Takes up what doubles lose at times since 1970: a microsecond. */
    private static final double SLACK_MILLIS = 0.001;

    private double tat;

    /** How many may start now, 0 to the burst. */
    int room(Limit.Rate rate, long now) {
        double spacing = spacing(rate);
        double starts = Math.floor((now + SLACK_MILLIS - tat(rate, now)) / spacing + rate.burst());
        return (int) Math.max(0, Math.min(starts, rate.burst()));
    }

    /** How long until the next may start, in ms; 0 if it may now. */
    long waitMillis(Limit.Rate rate, long now) {
        double wait = tat(rate, now) - (rate.burst() - 1) * spacing(rate) - now - SLACK_MILLIS;
        return Math.max(0, (long) Math.ceil(wait));
    }

    void start(Limit.Rate rate, int starts, long now) {
        tat = tat(rate, now) + starts * spacing(rate);
    }

    /** Whether it holds nobody up any more, under whatever rate. */
    boolean isOver(long now) {
        return tat <= now;
    }

    private double tat(Limit.Rate rate, long now) {
        return Math.min(Math.max(tat, (double) now), now + rate.burst() * spacing(rate));
    }

    private static double spacing(Limit.Rate rate) {
        return (double) rate.interval().toMillis() / rate.starts();
    }
}
