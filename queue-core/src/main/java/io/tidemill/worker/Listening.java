package io.tidemill.worker;

import io.tidemill.broker.Subscription;
import io.tidemill.observe.Duty;
import java.time.Duration;

/** Whether hints of the broker arrive. Without them jobs are found by polling, so later. Thread-safe. */
record Listening(Subscription subscription) implements Duty {

    private static final Duration ALLOWED = Duty.allowed(Subscription.LISTEN_PERIOD);

    @Override
    public String name() {
        return "listen";
    }

    @Override
    public Duration age() {
        return subscription.silence();
    }

    @Override
    public Duration allowed() {
        return ALLOWED;
    }

    @Override
    public String problem() {
        return "announcements of the broker do not arrive, so jobs are found by polling";
    }
}
