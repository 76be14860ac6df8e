package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;

class MemoryTaskQueueContractTest extends TaskQueueContract {

    private final MemoryBroker store = new MemoryBroker();

    @Override
    protected Broker broker() {
        return new DelegatingBroker(store) {
            @Override
            public void close() {
                // The store is this test's and outlives the queues over it.
            }
        };
    }
}
