package io.tidemill.conformance.fault;

import io.tidemill.async.Answers;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Cancellation;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CommandStore;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.CountHistory;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.Leases;
import io.tidemill.broker.LimitStore;
import io.tidemill.broker.Lists;
import io.tidemill.broker.LookUp;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.NoteStore;
import io.tidemill.broker.Operations;
import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.ScheduleStore;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import io.tidemill.broker.WorkflowStore;
import io.tidemill.conformance.fault.HistoryEvent.End;
import io.tidemill.conformance.fault.HistoryEvent.Kind;
import io.tidemill.event.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Passes everything on to a broker, and writes down what was asked before it is sent and what was answered before the
 * asker hears it. What a killed process had asked and not yet been answered stands in its journal without an answer.
 *
 * <p>Written down is what moves jobs: {@link #enqueue}, {@link #claim}, {@link #complete}, {@link #fail},
 * {@link #release}, {@link Leases#extend} and {@link Sweeps#recover}. Jobs of one history need ids of their own, also
 * across queues.
 *
 * <p>Long, because it is one list of the requests that are written down.
 *
 * <p>Thread-safe.
 */
public final class JournalingBroker implements Broker {

    private final Broker broker;
    private final Journal journal;
    /** When claims were first asked for that nobody answered: asked again, they bring a lease that counts from then. */
    private final Map<String, Long> unanswered = new ConcurrentHashMap<>();

    /** Over a broker, which is closed with this one; the journal is not. */
    public JournalingBroker(Broker broker, Journal journal) {
        this.broker = broker;
        this.journal = journal;
    }

    /** Events of one moment. */
    private final class Page {

        private final long at = journal.now();
        private final long asked;
        private final List<HistoryEvent> events = new ArrayList<>();

        /** What is asked now. */
        Page() {
            asked = at;
        }

        /** What is answered now, and was asked before. */
        Page(long asked) {
            this.asked = asked;
        }

        void add(Kind kind, String job, String token, int attempt, long millis, String note) {
            events.add(new HistoryEvent(at, asked, journal.process(), kind, job, token, attempt, millis, note));
        }

        long write() {
            if (!events.isEmpty()) {
                journal.write(events);
            }
            return asked;
        }
    }

    @Override
    public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
        Page page = new Page();
        jobs.forEach(job -> page.add(Kind.ENQUEUE_ASKED, job.id(), "", 0, job.delayMillis(), ""));
        long asked = page.write();
        return broker.enqueue(queue, jobs).whenComplete((replies, failure) -> {
            Page answered = new Page(asked);
            for (int i = 0; i < jobs.size(); i++) {
                answered.add(
                        replies == null ? kindOf(failure) : kindOf(replies.get(i)),
                        jobs.get(i).id(),
                        "",
                        0,
                        0,
                        "");
            }
            answered.write();
        });
    }

    private static Kind kindOf(EnqueueReply reply) {
        return switch (reply.enqueued()) {
            case NEW -> Kind.ENQUEUED;
            case EXISTING, RESCHEDULED, UPDATED, OUTDATED -> Kind.DUPLICATE;
            // No job has to run because of this request.
            case SUPERSEDED -> Kind.ENQUEUE_REFUSED;
        };
    }

    private static Kind kindOf(@Nullable Throwable failure) {
        return Answers.isRefusal(failure) ? Kind.ENQUEUE_REFUSED : Kind.ENQUEUE_UNKNOWN;
    }

    @Override
    public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
        long asked = journal.now();
        return broker.claim(queue, request).whenComplete((reply, failure) -> claimed(asked, request, reply));
    }

    private void claimed(long asked, ClaimRequest request, @Nullable ClaimReply reply) {
        if (reply == null) {
            unanswered.putIfAbsent(request.token(), asked);
            return;
        }
        Long first = unanswered.remove(request.token());
        Page page = new Page(first == null ? asked : first);
        for (Claim claim : reply.claims()) {
            page.add(
                    Kind.CLAIMED,
                    claim.id(),
                    claim.token(),
                    claim.attempt(),
                    request.leaseMillis(),
                    claim.failures() + "," + claim.releases());
        }
        page.write();
    }

    @Override
    public CompletableFuture<CompleteReply> complete(
            String queue, List<Completion.Succeeded> succeeded, @Nullable ClaimRequest next) {
        List<Ending> ends =
                succeeded.stream().map(run -> new Ending(run, End.SUCCEEDED, 0)).toList();
        long asked = endsAsked(ends);
        return broker.complete(queue, succeeded, next).whenComplete((reply, failure) -> {
            endsAnswered(asked, ends, reply == null ? null : reply.settled(), failure);
            if (next != null) {
                claimed(asked, next, reply == null ? null : reply.claimed());
            }
        });
    }

    @Override
    public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> failed) {
        List<Ending> ends = failed.stream()
                .<Ending>map(run -> run.match(
                        retry -> new Ending(retry, End.RETRY, retry.delayMillis()),
                        dead -> new Ending(dead, End.DEAD, 0),
                        cancelled -> new Ending(cancelled, End.CANCELLED, 0)))
                .toList();
        long asked = endsAsked(ends);
        return broker.fail(queue, failed)
                .whenComplete((replies, failure) -> endsAnswered(asked, ends, replies, failure));
    }

    @Override
    public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
        List<Ending> ends = releases.stream()
                .map(run -> new Ending(run, End.RELEASED, run.delayMillis()))
                .toList();
        long asked = endsAsked(ends);
        return broker.release(queue, releases)
                .whenComplete((replies, failure) -> endsAnswered(asked, ends, replies, failure));
    }

    /** What the journal says of a run that has ended. */
    private record Ending(String id, String token, String how, long delayMillis) {

        private Ending(Completion run, End how, long delayMillis) {
            this(run.id(), run.token(), how.name(), delayMillis);
        }
    }

    private long endsAsked(List<Ending> ends) {
        Page page = new Page();
        for (Ending end : ends) {
            page.add(Kind.END_ASKED, end.id(), end.token(), 0, end.delayMillis(), end.how());
        }
        return page.write();
    }

    private void endsAnswered(
            long asked, List<Ending> ends, @Nullable List<CompletionReply> replies, @Nullable Throwable failure) {
        Page page = new Page(asked);
        for (int i = 0; i < ends.size(); i++) {
            Kind kind = Answers.isRefusal(failure) ? Kind.END_REFUSED : Kind.END_UNKNOWN;
            if (replies != null) {
                kind = switch (replies.get(i)) {
                    case SETTLED -> Kind.END_RECORDED;
                    case CANCELLED -> Kind.END_CANCELLED;
                    case STALE -> Kind.END_STALE;
                    case UNKNOWN -> Kind.END_UNKNOWN;
                };
            }
            Ending end = ends.get(i);
            page.add(kind, end.id(), end.token(), 0, 0, end.how());
        }
        page.write();
    }

    @Override
    public Leases leases() {
        return this::extend;
    }

    private CompletableFuture<List<ExtendReply>> extend(String queue, List<String> tokens, long leaseMillis) {
        long asked = journal.now();
        return broker.leases().extend(queue, tokens, leaseMillis).whenComplete((replies, failure) -> {
            Page page = new Page(asked);
            for (int i = 0; replies != null && i < tokens.size(); i++) {
                Kind kind = replies.get(i).alive() ? Kind.EXTENDED : Kind.LEASE_ENDED;
                page.add(kind, "", tokens.get(i), 0, leaseMillis, "");
            }
            page.write();
        });
    }

    @Override
    public Sweeps sweeps() {
        return new SweepJournal(broker.sweeps());
    }

    /** Of sweeps only {@link #recover} moves jobs from one holder to the next. */
    private final class SweepJournal implements Sweeps {

        private final Sweeps sweeps;

        SweepJournal(Sweeps sweeps) {
            this.sweeps = sweeps;
        }

        @Override
        public CompletableFuture<RecoverReply> recover(String queue, int limit, int maxLostLeases, byte[] failure) {
            long asked = journal.now();
            return sweeps.recover(queue, limit, maxLostLeases, failure).whenComplete((reply, error) -> {
                Page page = new Page(asked);
                if (reply != null) {
                    reply.recovered().forEach(job -> page.add(Kind.RECOVERED, job.id(), "", 0, 0, ""));
                    reply.dead().forEach(job -> page.add(Kind.BURIED, job.id(), "", 0, 0, ""));
                }
                page.write();
            });
        }

        @Override
        public CompletableFuture<List<Survey>> survey(List<String> queues) {
            return sweeps.survey(queues);
        }

        @Override
        public CompletableFuture<Integer> promote(String queue, int limit) {
            return sweeps.promote(queue, limit);
        }

        @Override
        public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
            return sweeps.expire(queue, limit);
        }

        @Override
        public CompletableFuture<Integer> trim(String queue, long keep, long maxAgeMillis, int limit) {
            return sweeps.trim(queue, keep, maxAgeMillis, limit);
        }

        @Override
        public long clockLead(String queue) {
            return sweeps.clockLead(queue);
        }
    }

    @Override
    public LookUp lookUp() {
        return broker.lookUp();
    }

    @Override
    public Cancellation cancellation() {
        return broker.cancellation();
    }

    @Override
    public Lists lists() {
        return broker.lists();
    }

    @Override
    public LimitStore limits() {
        return broker.limits();
    }

    @Override
    public void check(String queue, NewJob job) {
        broker.check(queue, job);
    }

    @Override
    public CountHistory history() {
        return broker.history();
    }

    @Override
    public CommandStore commands() {
        return broker.commands();
    }

    @Override
    public ProgressStore progress() {
        return broker.progress();
    }

    @Override
    public NoteStore notes() {
        return broker.notes();
    }

    @Override
    public int cost(NewJob job) {
        return broker.cost(job);
    }

    @Override
    public String name() {
        return broker.name();
    }

    @Override
    public Set<Ability> abilities() {
        return broker.abilities();
    }

    @Override
    public void measure(Probe probe) {
        broker.measure(probe);
    }

    @Override
    public void open() {
        broker.open();
    }

    @Override
    public Subscription listen(@Nullable String worker, Set<String> queues, BrokerListener listener) {
        return broker.listen(worker, queues, new OfferJournal(listener));
    }

    /** Jobs that a worker gets on the way that stores them are claimed, too. */
    private final class OfferJournal implements BrokerListener {

        private final BrokerListener listener;

        OfferJournal(BrokerListener listener) {
            this.listener = listener;
        }

        @Override
        public void ready(String queue) {
            listener.ready(queue);
        }

        @Override
        public void finished(String queue, String id) {
            listener.finished(queue, id);
        }

        @Override
        public void cancelRequested(String queue, String id) {
            listener.cancelRequested(queue, id);
        }

        @Override
        public void commanded(String queue) {
            listener.commanded(queue);
        }

        @Override
        public @Nullable ClaimOffer offer(String queue, int jobs) {
            ClaimOffer offer = listener.offer(queue, jobs);
            if (offer == null) {
                return null;
            }
            long asked = journal.now();
            return new ClaimOffer(offer.request(), offer.endsWaiting(), (reply, failure) -> {
                claimed(asked, offer.request(), reply);
                offer.answer(reply, failure);
            });
        }
    }

    @Override
    public Operations operations() {
        return broker.operations();
    }

    @Override
    public ScheduleStore schedules() {
        return broker.schedules();
    }

    @Override
    public WorkflowStore workflows() {
        return broker.workflows();
    }

    @Override
    public void close() {
        broker.close();
    }
}
