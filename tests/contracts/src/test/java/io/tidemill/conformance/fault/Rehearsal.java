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
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Note;
import io.tidemill.broker.NoteReply;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.conformance.fault.HistoryEvent.Kind;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.task.JobState;
import io.tidemill.test.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * A small queue in fake time, on one thread: workers claim, run, end, are frozen and killed, and answers get lost, all
 * as a seed says. What comes of it is a history.
 */
final class Rehearsal {

    private static final String QUEUE = "q";
    private static final long LEASE = 1_000;
    private static final int STEPS = 2_000;
    private static final int MOST_ROUNDS = 300;
    private static final byte[] BODY = {1};

    private final SplittableRandom random;
    private final FakeClock clock = new FakeClock();
    private final Broker memory = new MemoryBroker(clock);
    private final Broker broker;
    private final List<Journal> journals = new ArrayList<>();
    private final List<Actor> actors = new ArrayList<>();
    private final Actor producer;
    private long ticks;
    private int processes;
    private int jobs;
    private boolean isLossy = true;

    Rehearsal(long seed, UnaryOperator<Broker> mutation) {
        random = new SplittableRandom(seed);
        broker = new Lossy(mutation.apply(memory));
        broker.open();
        producer = new Actor();
        for (int i = 0; i < 3; i++) {
            actors.add(new Actor());
        }
    }

    /** Each event a moment of its own, as on a real clock. */
    private long micros() {
        return clock.millis() * 1_000 + ++ticks;
    }

    Verdict play() {
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        isLossy = false;
        for (int i = 0; i < MOST_ROUNDS && !isOver(); i++) {
            clock.advance(Duration.ofMillis(200));
            actors.forEach(Actor::settleAll);
        }
        Journal last = journal("checker");
        for (JobState state : List.of(JobState.READY, JobState.SCHEDULED, JobState.ACTIVE, JobState.DEAD)) {
            for (JobSnapshot job :
                    memory.lists().list(QUEUE, state, 0, Broker.MAX_BATCH).join()) {
                last.remains(job.id(), state.name());
            }
        }
        memory.close();
        return HistoryChecker.judge(
                journals.stream().flatMap(one -> one.events().stream()).toList());
    }

    private boolean isOver() {
        QueueCounts counts = memory.lists().counts(QUEUE).join();
        return counts.ready() + counts.scheduled() + counts.active() == 0;
    }

    private void step() {
        Actor actor = actors.get(random.nextInt(actors.size()));
        switch (random.nextInt(12)) {
            case 0, 1 -> producer.enqueue();
            case 2, 3, 4 -> actor.claim();
            case 5, 6, 7 -> actor.end();
            case 8 -> actor.maintain();
            case 9 -> {
                if (random.nextInt(3) == 0) {
                    actor.freeze();
                }
            }
            case 10 -> {
                if (random.nextInt(8) == 0) {
                    actors.set(actors.indexOf(actor), new Actor());
                }
            }
            default -> clock.advance(Duration.ofMillis(50 + random.nextInt(200)));
        }
        actors.forEach(Actor::extend);
    }

    private Journal journal(String name) {
        Journal journal = Journal.inMemory(name, this::micros);
        journals.add(journal);
        return journal;
    }

    /** Does what it is asked and now and then loses the answer. */
    private final class Lossy extends DelegatingBroker {

        Lossy(Broker broker) {
            super(broker);
        }

        private <V> CompletableFuture<V> maybe(CompletableFuture<V> answer) {
            boolean isLost = isLossy && random.nextInt(20) == 0;
            return isLost
                    ? CompletableFuture.failedFuture(new BrokerException(Outcome.UNKNOWN, "lost on its way", null))
                    : answer;
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            return maybe(super.enqueue(queue, jobs));
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return maybe(super.claim(queue, request));
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String queue, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            return maybe(super.complete(queue, succeeded, next));
        }

        @Override
        public CompletableFuture<List<CompletionReply>> fail(String queue, List<Completion.Failed> ended) {
            return maybe(super.fail(queue, ended));
        }

        @Override
        public CompletableFuture<List<CompletionReply>> release(String queue, List<Completion.Release> releases) {
            return maybe(super.release(queue, releases));
        }
    }

    /** A process. */
    private final class Actor {

        private final Journal journal = journal("p" + ++processes);
        private final Broker mine = new JournalingBroker(broker, journal);
        private final List<Claim> running = new ArrayList<>();
        private final List<Completion> untold = new ArrayList<>();
        private int claims;
        private long frozenUntil;
        private boolean isThawing;

        private boolean isFrozen() {
            return clock.millis() < frozenUntil;
        }

        /** With something in its hands, for three leases. */
        void freeze() {
            claim();
            if (!isFrozen()) {
                frozenUntil = clock.millis() + 3 * LEASE;
                isThawing = true;
            }
        }

        /** It knows nothing of the time that has passed: half of the time it first tells how its runs ended. */
        private void thaw() {
            if (isThawing && !isFrozen()) {
                isThawing = false;
                if (random.nextBoolean()) {
                    end(running.size());
                }
            }
        }

        void enqueue() {
            List<NewJob> batch = new ArrayList<>();
            int size = 1 + random.nextInt(4);
            for (int i = 0; i < size; i++) {
                long delay = random.nextInt(5) == 0 ? 100 + random.nextInt(500) : 0;
                batch.add(NewJob.now("job" + ++jobs, BODY, 4).after(delay));
            }
            boolean isStored = await(mine.enqueue(QUEUE, batch)) != null;
            if (isStored && random.nextInt(4) == 0) {
                await(mine.enqueue(QUEUE, batch));
            }
        }

        void claim() {
            if (isFrozen() || running.size() > 8) {
                return;
            }
            ClaimRequest request = request();
            ClaimReply reply = await(mine.claim(QUEUE, request));
            if (reply == null) {
                // As a worker does: the same token again.
                reply = await(mine.claim(QUEUE, request));
            }
            start(reply);
        }

        private ClaimRequest request() {
            return new ClaimRequest(
                    journal.process(), journal.process() + ":" + ++claims, 1 + random.nextInt(4), LEASE);
        }

        private void start(ClaimReply reply) {
            if (reply != null) {
                for (Claim claim : reply.claims()) {
                    journal.run(Kind.STARTED, claim.id(), claim.attempt(), "");
                    running.add(claim);
                    step(claim);
                }
            }
        }

        /** Each job has one durable step. */
        private void step(Claim claim) {
            if (claim.notes().number() > 0) {
                return;
            }
            journal.run(Kind.STEP_DONE, claim.id(), claim.attempt(), "step");
            Note note = new Note(claim.id(), claim.token(), 1, 0, BODY);
            if (await(mine.notes().note(QUEUE, note)) == NoteReply.NOTED) {
                journal.run(Kind.STEP_RECORDED, claim.id(), claim.attempt(), "step");
            }
        }

        /** Some runs come to an end. */
        void end() {
            if (!isFrozen()) {
                end(random.nextInt(running.size() + 1));
            }
        }

        private void end(int count) {
            List<Completion.Succeeded> succeeded = new ArrayList<>();
            List<Completion.Failed> failed = new ArrayList<>();
            List<Completion.Release> released = new ArrayList<>();
            untold.forEach(completion -> sort(completion, succeeded, failed, released));
            untold.clear();
            for (int i = 0; i < count; i++) {
                Claim claim = running.remove(random.nextInt(running.size()));
                journal.run(Kind.FINISHED, claim.id(), claim.attempt(), "");
                sort(endOf(claim), succeeded, failed, released);
            }
            if (!succeeded.isEmpty()) {
                ClaimRequest next = random.nextBoolean() ? request() : null;
                CompleteReply reply = await(mine.complete(QUEUE, succeeded, next));
                if (reply == null) {
                    untold.addAll(succeeded);
                } else {
                    start(reply.claimed());
                }
            }
            if (!failed.isEmpty() && await(mine.fail(QUEUE, failed)) == null) {
                untold.addAll(failed);
            }
            if (!released.isEmpty() && await(mine.release(QUEUE, released)) == null) {
                untold.addAll(released);
            }
        }

        private Completion endOf(Claim claim) {
            return switch (random.nextInt(10)) {
                case 0 -> new Completion.Retry(claim.id(), claim.token(), 20 + random.nextInt(200), BODY);
                case 1 -> new Completion.Dead(claim.id(), claim.token(), BODY);
                case 2 -> new Completion.Release(claim.id(), claim.token(), random.nextInt(2) * 100L);
                default -> Completion.Succeeded.of(claim, null, 0);
            };
        }

        private static void sort(
                Completion completion,
                List<Completion.Succeeded> succeeded,
                List<Completion.Failed> failed,
                List<Completion.Release> released) {
            if (completion instanceof Completion.Succeeded done) {
                succeeded.add(done);
            } else if (completion instanceof Completion.Release back) {
                released.add(back);
            } else if (completion instanceof Completion.Failed end) {
                failed.add(end);
            }
        }

        void extend() {
            thaw();
            List<String> tokens = running.stream().map(Claim::token).distinct().toList();
            if (isFrozen() || tokens.isEmpty()) {
                return;
            }
            List<ExtendReply> replies = await(mine.leases().extend(QUEUE, tokens, LEASE));
            for (int i = 0; replies != null && i < tokens.size(); i++) {
                String token = tokens.get(i);
                // Some runs do not hear of it and tell their end nevertheless.
                if (!replies.get(i).alive() && random.nextBoolean()) {
                    running.removeIf(claim -> claim.token().equals(token));
                }
            }
        }

        void maintain() {
            if (!isFrozen()) {
                await(mine.sweeps().recover(QUEUE, 100, 1_000, BODY));
                await(mine.sweeps().promote(QUEUE, 100));
            }
        }

        void settleAll() {
            frozenUntil = 0;
            maintain();
            claim();
            end();
            extend();
        }

        private static <V> V await(CompletableFuture<V> answer) {
            return answer.exceptionally(failure -> null).join();
        }
    }
}
