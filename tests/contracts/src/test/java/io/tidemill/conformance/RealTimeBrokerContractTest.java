package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import java.time.Duration;

/** The contract on a clock that cannot be moved, as brokers on other servers have: it must hold there as well. */
class RealTimeBrokerContractTest extends BrokerContract {

    private final Clock clock = Clock.system();
    private final Alarm alarm = clock.alarm();

    @Override
    protected Broker newBroker() {
        return new MemoryBroker(clock);
    }

    @Override
    protected void advance(Duration duration) {
        long until = clock.millis() + duration.toMillis();
        while (clock.millis() < until) {
            try {
                alarm.await(Duration.ofMillis(1).toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }
}
