package io.tidemill;

import io.tidemill.lifecycle.Loop;
import io.tidemill.observe.Observers;
import io.tidemill.observe.Pulse;
import io.tidemill.text.Names;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** A loop of an extension, known to health from when it starts. Thread-safe. */
final class ExtensionLoop implements Background {

    /** Longer than any process lives, and within what nanoseconds can count. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(10_000);

    private final Observers observers;
    private final Loop loop;
    private final Clock clock;
    private final String name;
    private final Duration allowed;
    private final String problem;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile Pulse pulse;

    ExtensionLoop(Observers observers, Clock clock, String name, Duration allowed, String problem, Round round) {
        this.observers = observers;
        this.clock = clock;
        this.name = Names.check("name of the background", name);
        this.allowed = allowed;
        this.problem = problem;
        this.pulse = newPulse();
        this.loop = new Loop("tidemill-" + name, clock, () -> nanos(round.run()));
    }

    private Pulse newPulse() {
        return new Pulse(name, clock, allowed, problem);
    }

    private static long nanos(Duration wait) {
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT.toNanos() : Math.max(0, wait.toNanos());
    }

    @Override
    public void start() {
        if (started.compareAndSet(false, true)) {
            // Its age counts from the start.
            pulse = newPulse();
            observers.duty(pulse);
            observers.loop(loop);
            loop.start();
        }
    }

    @Override
    public void wake() {
        loop.wake();
    }

    @Override
    public void done() {
        pulse.beat();
    }

    @Override
    public void stop() {
        loop.stop();
    }
}
