package io.tidemill.conformance;

import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.memory.MemoryResultBackend;
import io.tidemill.test.FakeClock;
import java.time.Duration;

class MemoryResultBackendContractTest extends ResultBackendContract {

    private final FakeClock clock = new FakeClock();

    @Override
    protected ResultBackend newBackend() {
        return new MemoryResultBackend(clock);
    }

    @Override
    protected void advance(Duration duration) {
        clock.advance(duration);
    }
}
