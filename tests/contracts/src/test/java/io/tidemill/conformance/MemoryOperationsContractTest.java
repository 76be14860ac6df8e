package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.test.FakeClock;
import java.time.Duration;

class MemoryOperationsContractTest extends OperationsContract {

    private final FakeClock clock = new FakeClock();

    @Override
    protected Broker newBroker() {
        return new MemoryBroker(clock);
    }

    @Override
    protected void advance(Duration duration) {
        clock.advance(duration);
    }
}
