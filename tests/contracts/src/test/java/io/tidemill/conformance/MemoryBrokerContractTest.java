package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.test.FakeClock;
import java.time.Duration;

class MemoryBrokerContractTest extends BrokerContract {

    private final FakeClock clock = new FakeClock();
    private final MemoryStore store = new MemoryStore(clock);

    @Override
    protected Broker newBroker() {
        return new MemoryBroker(store);
    }

    @Override
    protected Broker another(Broker broker) {
        return new MemoryBroker(store);
    }

    @Override
    protected void advance(Duration duration) {
        clock.advance(duration);
    }
}
