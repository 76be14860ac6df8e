package io.tidemill.redis;

import io.tidemill.broker.Broker;
import io.tidemill.conformance.OperationsContract;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;

@Sampled(Sampled.When.ON_OLDEST_REDIS)
class RedisOperationsContractIT extends OperationsContract {

    @BeforeAll
    static void empty() {
        RedisProbe.emptyShared();
    }

    @Override
    protected Broker newBroker() {
        return RedisBroker.connect(RedisServer.shared().uri(), ContractOptions.PATIENT);
    }

    @Override
    protected Broker another(Broker broker) {
        return newBroker();
    }

    @Override
    protected void advance(Duration duration) {
        RedisProbe.shared().letPass(duration);
    }

    @Override
    protected Optional<Map<String, Set<JobState>>> dump(String queue) {
        return Optional.of(RedisProbe.shared().places(queue));
    }

    @Override
    protected void checkInvariants(String queue) {
        RedisProbe.shared().checkInvariants(queue);
        RedisProbe.shared().forget(queue);
    }
}
