package io.tidemill.redis;

import io.tidemill.broker.ResultBackend;
import io.tidemill.conformance.ResultBackendContract;
import io.tidemill.test.redis.RedisCluster;
import java.time.Duration;

class ClusterResultBackendContractIT extends ResultBackendContract {

    @Override
    protected ResultBackend newBackend() {
        return RedisResultBackend.connect(RedisCluster.shared().uri());
    }

    @Override
    protected void advance(Duration duration) {
        RedisProbe.sharedCluster().letPass(duration);
    }
}
