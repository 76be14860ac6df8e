package io.tidemill.redis;

import io.tidemill.broker.Broker;
import io.tidemill.conformance.BrokerContract;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisCluster;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

@Sampled
@Tag(Thorough.TAG)
class ClusterBrokerContractIT extends BrokerContract {

    @BeforeAll
    static void empty() {
        RedisProbe.emptySharedCluster();
    }

    @Override
    protected Broker newBroker() {
        return RedisBroker.connect(
                RedisCluster.shared().uri(), ContractOptions.PATIENT.withPreflight(PreflightMode.OFF));
    }

    @Override
    protected Broker another(Broker broker) {
        return newBroker();
    }

    @Override
    protected void advance(Duration duration) {
        RedisProbe.sharedCluster().letPass(duration);
    }

    @Override
    protected Optional<Map<String, Set<JobState>>> dump(String queue) {
        return Optional.of(RedisProbe.sharedCluster().places(queue));
    }

    @Override
    protected void checkInvariants(String queue) {
        RedisProbe.sharedCluster().checkInvariants(queue);
        RedisProbe.sharedCluster().forget(queue);
    }
}
