package io.tidemill.redis;

import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;

/**
 * Until when a request is worth being done, and which limit says so. It counts from the call, so time that a request
 * spends before it is sent is not added to it.
 *
 * <p>Immutable.
 *
 * @param nanos when, on the monotonic clock
 * @param limit how long after the call
 * @param name what set it
 */
record Deadline(long nanos, Duration limit, String name) {

    /** So long from now on. */
    static Deadline in(Duration limit, String name) {
        return new Deadline(Clock.system().nanos() + limit.toNanos(), limit, name);
    }

    boolean isOver() {
        return nanos - Clock.system().nanos() <= 0;
    }

    /** How much time is left, in whole ms. */
    long millisLeft() {
        return left().toMillis();
    }

    /** How much time is left; negative if it is over. */
    Duration left() {
        return Duration.ofNanos(nanos - Clock.system().nanos());
    }

    /** As messages say it: {@code 10 s (requestTimeout)}. */
    @Override
    public String toString() {
        return Texts.duration(limit) + " (" + name + ")";
    }
}
