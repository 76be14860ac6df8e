package io.tidemill.queue;

import java.time.Duration;

/** How far a {@link QueueHistory} reaches back, and in which steps. */
public enum HistoryRange {
    /** The last 24 hours in 288 periods of 5 minutes, the current one among them. */
    DAY(Duration.ofMinutes(5), 288),
    /** The last 30 days in 720 periods of an hour, the current one among them. */
    MONTH(Duration.ofHours(1), 720);

    @SuppressWarnings("ImmutableEnumChecker") // A Duration is immutable.
    private final Duration period;

    private final int periods;

    HistoryRange(Duration period, int periods) {
        this.period = period;
        this.periods = periods;
    }

    /** How long one period is. Periods begin at whole multiples of it since 1970, UTC. */
    public Duration period() {
        return period;
    }

    /** How many periods there are. */
    public int periods() {
        return periods;
    }

    /** The number of the period of this time, from 0 in 1970. */
    public long numberAt(long millis) {
        return Math.floorDiv(millis, period.toMillis());
    }
}
