package io.tidemill.conformance.fault;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Brokers that each break a promise in one way, and what a history of them must show. Long, because it is one list. */
final class BrokenBrokers {

    private static final long FOR_EVER = 1_000_000_000L;
    private static final byte[] WHY = {2};

    private BrokenBrokers() {}

    /**
     * A broker with a planted bug.
     *
     * @param caughtAs what the checker must call it
     */
    record Mutant(String name, UnaryOperator<Broker> mutation, Anomaly caughtAs) {

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Mutant> all() {
        return List.of(
                new Mutant("an acknowledged job is not stored", NotStored::new, Anomaly.LOST),
                new Mutant("a refused job is stored", RefusedIsStored::new, Anomaly.UNEXPECTED),
                new Mutant("the same id is stored twice", StoredTwice::new, Anomaly.DOUBLE_ENQUEUE),
                new Mutant("delayed jobs come at once", DelaysForgotten::new, Anomaly.EARLY),
                new Mutant("a claim takes no lease", ClaimWithoutLease::new, Anomaly.DOUBLE_LEASE),
                new Mutant("a lease ends at once", LeaseEndsAtOnce::new, Anomaly.DOUBLE_LEASE),
                new Mutant("any lease is revived", AnyLeaseIsRevived::new, Anomaly.DOUBLE_LEASE),
                new Mutant("a job is handed out twice in one claim", HandedOutTwice::new, Anomaly.DUP_UNEXPLAINED),
                new Mutant(
                        "attempts begin anew when a lease has ended",
                        LostLeasesForgotten::new,
                        Anomaly.ATTEMPT_REPEATED),
                new Mutant(
                        "an end is accepted without a look at the lease", EndsNotChecked::new, Anomaly.STALE_ACCEPTED),
                new Mutant("a late end takes the job from its new holder", LateEndCounts::new, Anomaly.STALE_ACCEPTED),
                new Mutant("a job that has ended ends again", EndsNotChecked::new, Anomaly.DOUBLE_COMPLETE),
                new Mutant("a success is acknowledged and forgotten", SuccessForgotten::new, Anomaly.GHOST),
                new Mutant(
                        "a retried job is gone",
                        broker -> ending(broker, end -> end instanceof Completion.Retry ? done(end) : end),
                        Anomaly.LOST),
                new Mutant("a released job counts as done", ReleaseIsSuccess::new, Anomaly.LOST),
                new Mutant(
                        "dead jobs are not kept",
                        broker -> ending(broker, end -> end instanceof Completion.Dead ? done(end) : end),
                        Anomaly.LOST),
                new Mutant(
                        "a dead job is tried again",
                        broker -> ending(
                                broker,
                                end -> end instanceof Completion.Dead
                                        ? new Completion.Retry(end.id(), end.token(), 10, WHY)
                                        : end),
                        Anomaly.GHOST),
                new Mutant(
                        "a retry waits for ever",
                        broker -> ending(
                                broker,
                                end -> end instanceof Completion.Retry
                                        ? new Completion.Retry(end.id(), end.token(), FOR_EVER, WHY)
                                        : end),
                        Anomaly.UNFINISHED),
                new Mutant("a release counts a failure", ReleaseIsFailure::new, Anomaly.MISCOUNTED),
                new Mutant("recovery loses what it takes back", LostOnRecovery::new, Anomaly.LOST),
                new Mutant("a later run does not get the notes", NotesForgotten::new, Anomaly.STEP_REPEATED));
    }

    private static Completion done(Completion end) {
        return new Completion.Succeeded(end.id(), end.token(), null, 0);
    }

    /** A broker that records other ends of failed runs than it is told, and says yes to all. */
    private static Broker ending(Broker broker, UnaryOperator<Completion> change) {
        return new DelegatingBroker(broker) {
            @Override
            public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> ended) {
                List<CompletionReply> replies = new ArrayList<>();
                for (Completion end : ended) {
                    Completion changed = change.apply(end);
                    replies.add(
                            changed instanceof Completion.Succeeded done
                                    ? broker.complete(queue, List.of(done), null)
                                            .join()
                                            .settled()
                                            .get(0)
                                    : broker.fail(queue, List.of((Completion.Failed) changed))
                                            .join()
                                            .get(0));
                }
                return CompletableFuture.completedFuture(replies);
            }
        };
    }

    private static final class NotStored extends DelegatingBroker {

        private int count;

        NotStored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return ++count % 10 == 0
                    ? CompletableFuture.completedFuture(
                            jobs.stream().map(job -> EnqueueReply.ACCEPTED).toList())
                    : super.enqueue(queue, jobs);
        }
    }

    private static final class RefusedIsStored extends DelegatingBroker {

        private int count;

        RefusedIsStored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            CompletableFuture<List<EnqueueReply>> reply = super.enqueue(queue, jobs);
            return ++count % 10 == 0
                    ? CompletableFuture.failedFuture(new BrokerException(Outcome.REFUSED, "no", null))
                    : reply;
        }
    }

    private static final class StoredTwice extends DelegatingBroker {

        StoredTwice(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(queue, jobs)
                    .thenApply(replies ->
                            replies.stream().map(reply -> EnqueueReply.ACCEPTED).toList());
        }
    }

    private static final class DelaysForgotten extends DelegatingBroker {

        DelaysForgotten(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(queue, jobs.stream().map(job -> job.after(0)).toList());
        }
    }

    private static final class ClaimWithoutLease extends DelegatingBroker {

        ClaimWithoutLease(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return super.claim(queue, request).thenApply(reply -> {
                for (Claim claim : reply.claims()) {
                    broker.release(queue, List.of(new Completion.Release(claim.id(), claim.token(), 0)));
                }
                return reply;
            });
        }
    }

    private static final class LeaseEndsAtOnce extends DelegatingBroker {

        LeaseEndsAtOnce(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return super.claim(queue, new ClaimRequest(request.worker(), request.token(), request.limit(), 1));
        }

        @Override
        public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
            return super.extend(queue, tokens, 1);
        }
    }

    private static final class AnyLeaseIsRevived extends DelegatingBroker {

        AnyLeaseIsRevived(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
            return super.extend(queue, tokens, leaseMillis)
                    .thenApply(replies ->
                            replies.stream().map(reply -> ExtendReply.ALIVE).toList());
        }
    }

    private static final class HandedOutTwice extends DelegatingBroker {

        HandedOutTwice(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return super.claim(queue, request).thenApply(reply -> {
                List<Claim> claims = new ArrayList<>(reply.claims());
                if (claims.size() > 1) {
                    claims.add(claims.get(0));
                }
                return new ClaimReply(claims, reply.moreInMillis());
            });
        }
    }

    private static final class LostLeasesForgotten extends DelegatingBroker {

        LostLeasesForgotten(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return super.claim(queue, request)
                    .thenApply(reply -> new ClaimReply(
                            reply.claims().stream()
                                    .map(one -> new Claim(
                                            one.id(),
                                            one.token(),
                                            one.body(),
                                            one.priority(),
                                            one.failures(),
                                            0,
                                            one.releases()))
                                    .toList(),
                            reply.moreInMillis()));
        }
    }

    private static final class EndsNotChecked extends DelegatingBroker {

        EndsNotChecked(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            return super.complete(queue, succeeded, next)
                    .thenApply(reply -> new CompleteReply(
                            reply.settled().stream()
                                    .map(one -> CompletionReply.SETTLED)
                                    .toList(),
                            reply.claimed()));
        }
    }

    /** Asks for the job and not for the lease. */
    private static final class LateEndCounts extends DelegatingBroker {

        private final Map<String, String> holders = new HashMap<>();

        LateEndCounts(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return super.claim(queue, request).thenApply(reply -> {
                reply.claims().forEach(claim -> holders.put(claim.id(), claim.token()));
                return reply;
            });
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            List<Completion.Succeeded> changed = succeeded.stream()
                    .map(one ->
                            new Completion.Succeeded(one.id(), holders.getOrDefault(one.id(), one.token()), null, 0))
                    .toList();
            return super.complete(queue, changed, null)
                    .thenApply(reply -> new CompleteReply(
                            reply.settled(),
                            next == null ? null : claim(queue, next).join()));
        }
    }

    private static final class SuccessForgotten extends DelegatingBroker {

        SuccessForgotten(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            Completion.Succeeded first = succeeded.get(0);
            return super.complete(queue, succeeded.subList(1, succeeded.size()), next)
                    .thenApply(reply -> {
                        List<CompletionReply> settled = new ArrayList<>(reply.settled());
                        boolean isKnown = broker.lookUp()
                                .find(queue, first.id(), false)
                                .join()
                                .isPresent();
                        settled.add(0, isKnown ? CompletionReply.SETTLED : CompletionReply.STALE);
                        return new CompleteReply(settled, reply.claimed());
                    });
        }
    }

    private static final class ReleaseIsSuccess extends DelegatingBroker {

        ReleaseIsSuccess(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
            List<Completion.Succeeded> done = releases.stream()
                    .map(one -> new Completion.Succeeded(one.id(), one.token(), null, 0))
                    .toList();
            return broker.complete(queue, done, null).thenApply(CompleteReply::settled);
        }
    }

    private static final class ReleaseIsFailure extends DelegatingBroker {

        ReleaseIsFailure(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
            List<Completion.Failed> failed = releases.stream()
                    .<Completion.Failed>map(one -> new Completion.Retry(one.id(), one.token(), one.delayMillis(), WHY))
                    .toList();
            return broker.fail(queue, failed);
        }
    }

    private static final class LostOnRecovery extends DelegatingBroker {

        LostOnRecovery(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
            return super.recover(queue, limit, maxLostLeases, failure).thenApply(reply -> {
                reply.recovered().forEach(job -> broker.operations().delete(queue, job.id()));
                return reply;
            });
        }
    }

    private static final class NotesForgotten extends DelegatingBroker {

        NotesForgotten(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return super.claim(queue, request)
                    .thenApply(reply -> new ClaimReply(
                            reply.claims().stream().map(NotesForgotten::bare).toList(),
                            reply.moreInMillis(),
                            reply.expired()));
        }

        private static Claim bare(Claim claim) {
            return new Claim(
                    claim.id(),
                    claim.token(),
                    claim.body(),
                    claim.priority(),
                    claim.failures(),
                    claim.lostLeases(),
                    claim.releases());
        }
    }
}
