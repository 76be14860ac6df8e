package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Brokers that hand out jobs in a wrong way, or hold them under leases that are wrong. */
final class ClaimMutants {

    private ClaimMutants() {}

    static final class StaleTokenAccepted extends DelegatingBroker {
        private final Map<String, String> holders = new ConcurrentHashMap<>();

        StaleTokenAccepted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            ClaimReply reply = broker.claim(queue, request).join();
            reply.claims().forEach(claim -> holders.put(claim.id(), claim.token()));
            return Mutants.done(reply);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            List<Completion.Succeeded> asHolder = succeeded.stream()
                    .map(run -> new Completion.Succeeded(
                            run.id(), holders.getOrDefault(run.id(), run.token()), run.result(), run.resultTtlMillis()))
                    .toList();
            return super.complete(queue, asHolder, next);
        }
    }

    static final class LastInFirstOut extends DelegatingBroker {
        LastInFirstOut(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            List<NewJob> reversed = new ArrayList<>(jobs);
            Collections.reverse(reversed);
            List<EnqueueReply> replies =
                    new ArrayList<>(super.enqueue(queue, reversed).join());
            Collections.reverse(replies);
            return Mutants.done(replies);
        }
    }

    static final class RepeatedClaimSaysNothingWaits extends DelegatingBroker {
        private final Set<String> tokens = ConcurrentHashMap.newKeySet();

        RepeatedClaimSaysNothingWaits(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return tokens.add(request.token())
                    ? super.claim(queue, request)
                    : super.claim(queue, request)
                            .thenApply(reply -> new ClaimReply(reply.claims(), ClaimReply.NOTHING_MORE));
        }
    }

    static final class PriorityIgnored extends DelegatingBroker {
        PriorityIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .map(job -> new NewJob(job.id(), job.body(), 4, job.delayMillis(), job.dueMillis()))
                            .toList());
        }
    }

    static final class LeaseNeverEnds extends DelegatingBroker {
        LeaseNeverEnds(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            return super.claim(queue, new ClaimRequest(r.worker(), r.token(), r.limit(), Integer.MAX_VALUE));
        }
    }

    static final class LeaseEndsAtOnce extends DelegatingBroker {
        LeaseEndsAtOnce(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            return super.claim(queue, new ClaimRequest(r.worker(), r.token(), r.limit(), 0));
        }
    }

    static final class LostOnRecovery extends DelegatingBroker {
        LostOnRecovery(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
            RecoverReply reply =
                    super.recover(queue, limit, maxLostLeases, failure).join();
            reply.recovered().forEach(job -> broker.cancellation().cancel(queue, job.id()));
            return Mutants.done(reply);
        }
    }

    static final class SweptWithoutRecord extends DelegatingBroker {
        SweptWithoutRecord(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
            RecoverReply reply =
                    super.recover(queue, limit, maxLostLeases, failure).join();
            return Mutants.done(new RecoverReply(bare(reply.recovered()), bare(reply.dead()), reply.more()));
        }

        private static List<JobBrief> bare(List<JobBrief> jobs) {
            return jobs.stream()
                    .map(job -> new JobBrief(job.id(), new byte[0], 0, 0, 0))
                    .toList();
        }
    }

    static final class RepeatedClaimTakesMore extends DelegatingBroker {
        private final Set<String> tokens = ConcurrentHashMap.newKeySet();

        RepeatedClaimTakesMore(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            String token = tokens.add(r.token()) ? r.token() : r.token() + "-again";
            return super.claim(queue, new ClaimRequest(r.worker(), token, r.limit(), r.leaseMillis()));
        }
    }

    /** Of a token that holds nothing it does not know that it was taken. */
    static final class LateCopyClaims extends DelegatingBroker {
        LateCopyClaims(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            String token = r.token().replace(":", ".");
            return super.claim(queue, new ClaimRequest(r.worker(), token, r.limit(), r.leaseMillis()));
        }
    }

    static final class OvertakenIsLate extends DelegatingBroker {
        private final Map<String, Long> highest = new ConcurrentHashMap<>();

        OvertakenIsLate(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            boolean isLate = highest.merge(r.worker(), r.number(), Math::max) > r.number();
            return isLate ? Mutants.done(new ClaimReply(List.of(), 0)) : super.claim(queue, r);
        }
    }

    static final class LostLeaseReportedAlive extends DelegatingBroker {
        LostLeaseReportedAlive(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
            super.extend(queue, tokens, leaseMillis);
            return Mutants.done(Collections.nCopies(tokens.size(), ExtendReply.ALIVE));
        }
    }

    static final class SurveyBlind extends DelegatingBroker {

        SurveyBlind(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<Survey>> survey(List<String> queues) {
            return super.survey(queues)
                    .thenApply(found -> found.stream()
                            .map(each -> new Survey(each.ready(), false, each.dead()))
                            .toList());
        }
    }

    static final class SuspectsWithNeighbours extends DelegatingBroker {
        SuspectsWithNeighbours(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            ClaimReply first = super.claim(queue, r).join();
            int rest = r.limit() - first.claims().size();
            if (rest == 0 || first.claims().isEmpty()) {
                return Mutants.done(first);
            }
            ClaimReply second = super.claim(
                            queue, new ClaimRequest(r.worker(), r.token() + "-more", rest, r.leaseMillis()))
                    .join();
            List<Claim> both = new ArrayList<>(first.claims());
            both.addAll(second.claims());
            return Mutants.done(new ClaimReply(both, second.moreInMillis()));
        }
    }

    static final class SameJobTwice extends DelegatingBroker {
        private final AtomicInteger calls = new AtomicInteger();
        private volatile ClaimReply last = ClaimReply.EMPTY;

        SameJobTwice(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            if (calls.incrementAndGet() % 10 == 0) {
                return Mutants.done(last);
            }
            ClaimReply reply = super.claim(queue, request).join();
            last = reply;
            return Mutants.done(reply);
        }
    }

    static final class NextDueUnknown extends DelegatingBroker {
        NextDueUnknown(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return Mutants.done(
                    new ClaimReply(super.claim(queue, request).join().claims(), ClaimReply.NOTHING_MORE));
        }
    }

    static final class LimitIgnored extends DelegatingBroker {
        LimitIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest r) {
            return super.claim(queue, new ClaimRequest(r.worker(), r.token(), MAX_BATCH, r.leaseMillis()));
        }
    }

    static final class LostLeasesNotCounted extends DelegatingBroker {
        LostLeasesNotCounted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            ClaimReply reply = super.claim(queue, request).join();
            List<Claim> claims = reply.claims().stream()
                    .map(c -> new Claim(c.id(), c.token(), c.body(), c.priority(), c.failures(), 0, c.releases()))
                    .toList();
            return Mutants.done(new ClaimReply(claims, reply.moreInMillis()));
        }
    }

    static final class DelayedRunsEarly extends DelegatingBroker {
        DelayedRunsEarly(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(queue, jobs.stream().map(job -> job.after(0)).toList());
        }
    }
}
