package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CountHistory;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import io.tidemill.queue.RescheduleReply;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Brokers that get operations wrong. */
final class OperationMutants {

    private OperationMutants() {}

    static final class PauseIgnored extends DelegatingOperations {
        PauseIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> pause(String queue) {
            return Mutants.done(true);
        }
    }

    static final class HistoryOfTheLast extends DelegatingOperations {
        HistoryOfTheLast(Broker broker) {
            super(broker);
        }

        @Override
        public CountHistory history() {
            CountHistory right = super.history();
            return new CountHistory() {
                @Override
                public CompletableFuture<Void> add(String queue, HistoryCounts counts) {
                    operations().erase(queue, true).join();
                    return right.add(queue, counts);
                }

                @Override
                public CompletableFuture<QueueHistory> history(String queue, HistoryRange range) {
                    return right.history(queue, range);
                }
            };
        }
    }

    static final class HistoryOfAllQueues extends DelegatingOperations {
        HistoryOfAllQueues(Broker broker) {
            super(broker);
        }

        @Override
        public CountHistory history() {
            CountHistory right = super.history();
            return new CountHistory() {
                @Override
                public CompletableFuture<Void> add(String queue, HistoryCounts counts) {
                    return right.add("all", counts);
                }

                @Override
                public CompletableFuture<QueueHistory> history(String queue, HistoryRange range) {
                    return right.history("all", range);
                }
            };
        }
    }

    static final class PauseForEver extends DelegatingOperations {
        PauseForEver(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Boolean> resume(String queue) {
            return Mutants.done(true);
        }
    }

    static final class PauseStopsPromotion extends DelegatingOperations {
        PauseStopsPromotion(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return operations().isPaused(queue).join() ? Mutants.done(ClaimReply.EMPTY) : super.claim(queue, request);
        }
    }

    static final class RedriveAlwaysYes extends DelegatingOperations {
        RedriveAlwaysYes(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
            super.redrive(queue, jobs).join();
            return Mutants.done(Collections.nCopies(jobs.size(), RedriveReply.REDRIVEN));
        }
    }

    static final class RedriveHidesHeldKeys extends DelegatingOperations {
        RedriveHidesHeldKeys(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
            return super.redrive(queue, jobs)
                    .thenApply(replies -> replies.stream()
                            .map(reply -> reply == RedriveReply.KEY_HELD ? RedriveReply.REDRIVEN : reply)
                            .toList());
        }
    }

    static final class RedriveForgetsDelay extends DelegatingOperations {
        RedriveForgetsDelay(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<RedriveReply>> redrive(String queue, List<Redrive> jobs) {
            return super.redrive(
                    queue, jobs.stream().map(job -> Redrive.now(job.id())).toList());
        }
    }

    static final class RescheduleKeepsBody extends DelegatingOperations {
        RescheduleKeepsBody(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<RescheduleReply> reschedule(String queue, Reschedule job) {
            return super.reschedule(queue, new Reschedule(job.id(), job.delayMillis(), job.dueMillis(), null));
        }
    }

    static final class RescheduleAlwaysNow extends DelegatingOperations {
        RescheduleAlwaysNow(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<RescheduleReply> reschedule(String queue, Reschedule job) {
            return super.reschedule(queue, new Reschedule(job.id(), 0, 0, job.body()));
        }
    }

    static final class DeleteSaysDeleted extends DelegatingOperations {
        DeleteSaysDeleted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<DeleteReply> delete(String queue, String id) {
            return super.delete(queue, id)
                    .thenApply(reply -> reply == DeleteReply.ACTIVE ? DeleteReply.DELETED : reply);
        }
    }

    static final class TrimKeepsNothing extends DelegatingOperations {
        TrimKeepsNothing(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
            return super.trim(queue, 0, maxAgeMillis, limit);
        }
    }
}
