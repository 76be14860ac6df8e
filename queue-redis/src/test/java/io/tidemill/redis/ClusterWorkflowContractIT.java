package io.tidemill.redis;

import io.tidemill.broker.Broker;
import io.tidemill.conformance.WorkflowContract;
import io.tidemill.test.redis.RedisCluster;
import io.tidemill.text.JobIds;
import org.junit.jupiter.api.Tag;

@Sampled
@Tag(Thorough.TAG)
class ClusterWorkflowContractIT extends WorkflowContract {

    /** A prefix per test keeps the tests apart on one cluster. */
    private final RedisOptions options = ContractOptions.PATIENT.withPrefix("contract" + JobIds.randomDigits(8));

    @Override
    protected Broker broker() {
        return RedisBroker.connect(RedisCluster.shared().uri(), options);
    }
}
