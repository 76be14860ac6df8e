package io.tidemill.conformance;

import io.tidemill.lifecycle.Loop;
import io.tidemill.lifecycle.Service;
import io.tidemill.test.FakeClock;
import io.tidemill.time.Alarm;

class LoopServiceContractTest extends ServiceContract {

    private final FakeClock clock = new FakeClock();

    @Override
    protected Service newService(String threadPrefix) {
        return new Loop(threadPrefix + "loop", clock, () -> Alarm.FOREVER);
    }
}
