package io.tidemill.redis;

import io.tidemill.broker.Broker;
import io.tidemill.conformance.WorkflowContract;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.JobIds;

class RedisWorkflowContractIT extends WorkflowContract {

    /** A prefix per test keeps the tests apart on one server. */
    private final RedisOptions options = ContractOptions.PATIENT.withPrefix("contract" + JobIds.randomDigits(8));

    @Override
    protected Broker broker() {
        return RedisBroker.connect(RedisServer.shared().uri(), options);
    }
}
