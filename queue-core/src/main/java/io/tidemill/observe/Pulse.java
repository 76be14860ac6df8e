package io.tidemill.observe;

import io.tidemill.time.Clock;
import java.time.Duration;

/**
 * A {@link Duty} of one thing. It is called each time that the thing was done. Until then its age counts from the
 * start.
 *
 * <p>Thread-safe.
 */
public final class Pulse implements Duty {

    private final String name;
    private final Clock clock;
    private final Duration allowed;
    private final String problem;
    private volatile long doneNanos;
    private volatile boolean wasDone;

    /** Begins now. */
    public Pulse(String name, Clock clock, Duration allowed, String problem) {
        this.name = name;
        this.clock = clock;
        this.allowed = allowed;
        this.problem = problem;
        this.doneNanos = clock.nanos();
    }

    /** It was done. */
    public void beat() {
        doneNanos = clock.nanos();
        wasDone = true;
    }

    @Override
    public boolean wasDone() {
        return wasDone;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Duration age() {
        return Duration.ofNanos(clock.nanos() - doneNanos);
    }

    @Override
    public Duration allowed() {
        return allowed;
    }

    @Override
    public String problem() {
        return problem;
    }
}
