package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Brokers that get groups and limits wrong. */
final class LimitMutants {

    private LimitMutants() {}

    static final class LimitsIgnored extends DelegatingBroker {
        LimitsIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            return Mutants.done(null);
        }
    }

    static final class GroupLimitsQueue extends DelegatingBroker {
        GroupLimitsQueue(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            return super.limit(queue, LimitScope.QUEUE, limits);
        }
    }

    static final class LimitsStay extends DelegatingBroker {
        LimitsStay(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            return limits == null ? Mutants.done(null) : super.limit(queue, scope, limits);
        }
    }

    static final class GroupsForgotten extends DelegatingBroker {
        GroupsForgotten(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream().map(job -> job.with(JobConstraints.NONE)).toList());
        }
    }

    static final class PriorityWithinGroup extends DelegatingBroker {
        PriorityWithinGroup(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .sorted(Comparator.comparingInt(NewJob::priority).reversed())
                            .toList());
        }
    }

    static final class BurstTooLarge extends DelegatingBroker {
        BurstTooLarge(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            boolean isRate = limits != null && limits.rate() != null;
            return super.limit(
                    queue,
                    scope,
                    isRate ? limits.with(limits.rate().burst(limits.rate().burst() + 1)) : limits);
        }
    }

    static final class OrderForgotten extends DelegatingBroker {
        OrderForgotten(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            boolean isInOrder = limits != null && limits.isInOrder();
            return super.limit(queue, scope, isInOrder ? limits.with(Limit.concurrency(1)) : limits);
        }
    }

    static final class OneTooMany extends DelegatingBroker {
        OneTooMany(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Void> limit(String queue, LimitScope scope, Limits limits) {
            boolean isConcurrency = limits != null && limits.concurrency() != null;
            return super.limit(
                    queue,
                    scope,
                    isConcurrency
                            ? limits.with(Limit.concurrency(limits.concurrency().jobs() + 1))
                            : limits);
        }
    }
}
