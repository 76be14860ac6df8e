package io.tidemill.redis;

import io.tidemill.broker.ResultBackend;
import io.tidemill.conformance.ResultBackendContract;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;

class RedisResultBackendContractIT extends ResultBackendContract {

    @Override
    protected ResultBackend newBackend() {
        return RedisResultBackend.connect(RedisServer.shared().uri());
    }

    @Override
    protected void advance(Duration duration) {
        RedisProbe.shared().letPass(duration);
    }
}
