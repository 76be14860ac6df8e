package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.partition.PartitionedBroker;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Who uses a queue in partitions does not notice, but for the order of jobs. */
@ExtendWith(PartitionedTaskQueueContractTest.NoStrictOrder.class)
class PartitionedTaskQueueContractTest extends TaskQueueContract {

    /** Leaves out what a queue in partitions cannot promise. */
    static final class NoStrictOrder implements ExecutionCondition {

        private static final Set<String> STRICT =
                Set.of("is_by_priority_then_first_in_first_out", "of_equal_due_times_is_that_of_creation");

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getTestMethod()
                            .filter(method -> STRICT.contains(method.getName()))
                            .isPresent()
                    ? ConditionEvaluationResult.disabled("jobs run in the order of their partition")
                    : ConditionEvaluationResult.enabled("holds for partitions, too");
        }
    }

    private final MemoryBroker store = new MemoryBroker();

    @Override
    protected Broker broker() {
        return new DelegatingBroker(PartitionedBroker.of(store, Map.of("default", 3))) {
            @Override
            public void close() {
                // The store is this test's and outlives the queues over it.
            }
        };
    }
}
