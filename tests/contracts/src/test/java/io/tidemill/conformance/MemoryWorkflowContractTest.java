package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.time.Clock;

class MemoryWorkflowContractTest extends WorkflowContract {

    private final MemoryStore store = new MemoryStore(Clock.system());

    @Override
    protected Broker broker() {
        return new MemoryBroker(store);
    }
}
