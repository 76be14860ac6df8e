package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;

import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Subscription;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Brokers that store jobs in a wrong way, or get their ends wrong. */
final class JobMutants {

    private JobMutants() {}

    static final class KeepsOtherwise extends DelegatingBroker {
        private final Function<Completion.Keep, Completion.@Nullable Keep> change;

        KeepsOtherwise(Broker broker, Function<Completion.Keep, Completion.@Nullable Keep> change) {
            super(broker);
            this.change = change;
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            List<Completion.Succeeded> changed = succeeded.stream()
                    .map(run -> run.keep() == null ? run : run.keeping(change.apply(run.keep())))
                    .toList();
            return super.complete(queue, changed, next);
        }
    }

    static final class TwinIsNeverStored extends DelegatingBroker {
        TwinIsNeverStored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            Map<String, NewJob> first = new LinkedHashMap<>();
            jobs.forEach(job -> first.putIfAbsent(job.id(), job));
            Iterator<EnqueueReply> stored =
                    super.enqueue(queue, List.copyOf(first.values())).join().iterator();
            return Mutants.done(jobs.stream()
                    .map(job -> first.remove(job.id()) == null ? new EnqueueReply.Duplicate(job.id()) : stored.next())
                    .toList());
        }
    }

    static final class DuplicateAccepted extends DelegatingBroker {
        DuplicateAccepted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            super.enqueue(queue, jobs);
            return Mutants.done(Collections.nCopies(jobs.size(), EnqueueReply.ACCEPTED));
        }
    }

    static final class HolderNotNamed extends DelegatingBroker {
        HolderNotNamed(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            List<EnqueueReply> replies = new ArrayList<>();
            for (EnqueueReply reply : super.enqueue(queue, jobs).join()) {
                NewJob job = jobs.get(replies.size());
                replies.add(reply instanceof EnqueueReply.Duplicate ? new EnqueueReply.Duplicate(job.id()) : reply);
            }
            return Mutants.done(replies);
        }
    }

    static final class CancelKeepsKey extends DelegatingBroker {
        private final Map<String, NewJob> stored = new ConcurrentHashMap<>();

        CancelKeepsKey(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            jobs.forEach(job -> stored.put(job.id(), job));
            return super.enqueue(queue, jobs);
        }

        @Override
        public CompletableFuture<CancelReply> cancel(String queue, String id) {
            CancelReply reply = super.cancel(queue, id).join();
            NewJob job = stored.get(id);
            if (reply == CancelReply.CANCELLED
                    && job != null
                    && job.constraints().unique() != null) {
                super.enqueue(queue, List.of(new NewJob(id + "-ghost", job.body(), 4, 1000, 0, job.constraints())));
            }
            return Mutants.done(reply);
        }
    }

    static final class NothingIsSwept extends DelegatingBroker {
        NothingIsSwept(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
            return Mutants.done(List.of());
        }
    }

    static final class ExpiredNotTold extends DelegatingBroker {
        ExpiredNotTold(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            ClaimReply reply = super.claim(queue, request).join();
            return Mutants.done(new ClaimReply(reply.claims(), reply.moreInMillis()));
        }
    }

    static final class RetryLosesPriority extends DelegatingBroker {
        RetryLosesPriority(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> ended) {
            if (ended.get(0) instanceof Completion.Retry retry) {
                byte[] body =
                        find(queue, retry.id(), false).join().orElseThrow().body();
                CompletionReply reply = broker.complete(
                                queue, List.of(new Completion.Succeeded(retry.id(), retry.token(), null, 0)), null)
                        .join()
                        .settled()
                        .get(0);
                enqueue(queue, List.of(NewJob.now(retry.id(), body, 4).after(retry.delayMillis())));
                return Mutants.done(List.of(reply));
            }
            return super.fail(queue, ended);
        }
    }

    static final class ReleaseCountsAFailure extends DelegatingBroker {
        ReleaseCountsAFailure(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
            return super.fail(
                    queue,
                    releases.stream()
                            .<Completion.Failed>map(
                                    run -> new Completion.Retry(run.id(), run.token(), run.delayMillis(), new byte[0]))
                            .toList());
        }
    }

    static final class CancelIgnored extends DelegatingBroker {
        CancelIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CancelReply> cancel(String queue, String id) {
            return Mutants.done(find(queue, id, false)
                    .join()
                    .map(job -> job.state() == JobState.ACTIVE ? CancelReply.REQUESTED : CancelReply.CANCELLED)
                    .orElse(CancelReply.NOT_FOUND));
        }
    }

    static final class CompleteCountsTwice extends DelegatingBroker {
        private final AtomicInteger settled = new AtomicInteger();

        CompleteCountsTwice(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            CompleteReply reply = super.complete(queue, succeeded, next).join();
            settled.addAndGet(Collections.frequency(reply.settled(), CompletionReply.SETTLED));
            return Mutants.done(reply);
        }

        @Override
        public CompletableFuture<QueueCounts> counts(String queue) {
            QueueCounts c = super.counts(queue).join();
            return Mutants.done(counted(
                    c.ready(),
                    c.scheduled(),
                    c.active(),
                    c.dead(),
                    c.accepted(),
                    settled.get(),
                    c.cancelled(),
                    c.expired(),
                    c.removed()));
        }
    }

    static final class HeldNotCounted extends DelegatingBroker {
        HeldNotCounted(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<QueueCounts> counts(String queue) {
            Map<QueueCounts.Count, Long> all =
                    new EnumMap<>(super.counts(queue).join().all());
            all.remove(QueueCounts.Count.HELD);
            return Mutants.done(QueueCounts.of(all));
        }
    }

    static final class ResultLost extends DelegatingBroker {
        ResultLost(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            return super.complete(
                    queue,
                    succeeded.stream()
                            .map(run -> new Completion.Succeeded(run.id(), run.token(), null, 0))
                            .toList(),
                    next);
        }
    }

    static final class BodiesAreText extends DelegatingBroker {
        BodiesAreText(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return super.enqueue(
                    queue,
                    jobs.stream()
                            .map(job -> new NewJob(
                                    job.id(),
                                    new String(job.body(), StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8),
                                    job.priority(),
                                    job.delayMillis(),
                                    job.dueMillis()))
                            .toList());
        }
    }

    static final class GoneMeansSucceeded extends DelegatingBroker {
        GoneMeansSucceeded(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Optional<JobSnapshot>> find(
                String queue, String id, boolean notify, @Nullable String receipt) {
            JobSnapshot succeeded = JobSnapshot.ended(id, JobState.SUCCEEDED, null);
            return super.find(queue, id, notify, receipt)
                    .thenApply(found -> receipt == null ? found : found.or(() -> Optional.of(succeeded)));
        }
    }

    static final class ScanOfPlaces extends DelegatingBroker {
        ScanOfPlaces(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<JobScan> scan(String queue, String from, int limit) {
            int offset = from == null ? 0 : Integer.parseInt(from);
            return list(queue, JobState.READY, offset, limit).thenApply(page -> {
                List<JobScan.Stored> jobs = page.stream()
                        .map(job -> new JobScan.Stored(job.id(), job.body()))
                        .toList();
                return new JobScan(jobs, jobs.isEmpty() ? null : "" + (offset + limit), from == null);
            });
        }
    }

    static final class NobodyIsWoken extends DelegatingBroker {
        NobodyIsWoken(Broker broker) {
            super(broker);
        }

        @Override
        public Subscription listen(String worker, Set<String> queues, BrokerListener listener) {
            return () -> {};
        }
    }

    static final class NotifyIgnored extends DelegatingBroker {
        NotifyIgnored(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<Optional<JobSnapshot>> find(
                String queue, String id, boolean notify, @Nullable String receipt) {
            return super.find(queue, id, false, receipt);
        }
    }

    static final class NeverCloses extends DelegatingBroker {
        NeverCloses(Broker broker) {
            super(broker);
        }

        @Override
        public void close() {}
    }

    static final class FailureDropped extends DelegatingBroker {
        FailureDropped(Broker broker) {
            super(broker);
        }

        @Override
        public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> ended) {
            return super.fail(
                    queue,
                    ended.stream()
                            .map(run -> run instanceof Completion.Dead dead
                                    ? new Completion.Dead(dead.id(), dead.token(), new byte[0])
                                    : run)
                            .toList());
        }
    }
}
