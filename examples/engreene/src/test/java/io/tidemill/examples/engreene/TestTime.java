package io.tidemill.examples.engreene;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.Supplier;

/** A clock that shows the time of a queue, or stands still until a test moves it. */
public final class TestTime extends Clock {

    private volatile Supplier<Instant> source;

    /** Stands at this instant. */
    public TestTime(Instant start) {
        source = () -> start;
    }

    /** Shows this time from now on. */
    public void follow(Supplier<Instant> other) {
        source = other;
    }

    /** Lets time pass. */
    public void advance(Duration duration) {
        Instant next = instant().plus(duration);
        source = () -> next;
    }

    @Override
    public Instant instant() {
        return source.get();
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
