package io.tidemill.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One time. */
record SingleTime(Instant at) implements DueTimes {

    @Override
    public @Nullable Instant next(Instant after) {
        return at.isAfter(after) ? at : null;
    }

    @Override
    public String describe() {
        return "once, at " + at;
    }

    @Override
    public String line() {
        return "once " + at.toEpochMilli();
    }
}
