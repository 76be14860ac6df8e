package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Survey;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryResultBackend;
import io.tidemill.conformance.BareBroker;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.event.QueueEvent;
import io.tidemill.lifecycle.Loop;
import io.tidemill.observe.Observers;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Task;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What {@code health()} and the events of the connection say while the broker does not answer. */
class HealthTest {

    /** Of a worker: fetch, lease, watchdog, maintenance, await, history. */
    private static final int LOOPS = 6;

    /** A broker that can keep its answers back. */
    private static final class SilentBroker extends DelegatingBroker {

        private final List<CompletableFuture<?>> unanswered = new CopyOnWriteArrayList<>();
        private volatile boolean isSilent;
        private volatile boolean keepsClaims;
        private volatile Duration silence = Duration.ZERO;

        SilentBroker(FakeClock clock) {
            super(new MemoryBroker(clock));
        }

        private <V> CompletableFuture<V> answer(Supplier<CompletableFuture<V>> request) {
            return isSilent ? never() : request.get();
        }

        private <V> CompletableFuture<V> never() {
            CompletableFuture<V> never = new CompletableFuture<>();
            unanswered.add(never);
            return never;
        }

        /** What was asked meanwhile fails. */
        void giveUp() {
            unanswered.forEach(request -> request.completeExceptionally(
                    new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null)));
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            return keepsClaims ? never() : answer(() -> super.claim(queue, request));
        }

        @Override
        public CompletableFuture<List<Survey>> survey(List<String> queues) {
            return answer(() -> super.survey(queues));
        }

        @Override
        public Subscription listen(String worker, Set<String> queues, BrokerListener listener) {
            Subscription subscription = super.listen(worker, queues, listener);
            return new Subscription() {
                @Override
                public Duration silence() {
                    return silence;
                }

                @Override
                public void close() {
                    subscription.close();
                }
            };
        }
    }

    /** A task that does nothing. */
    public static final class Nothing {

        /** Returns. */
        @Task
        public void nothing() {}
    }

    private final FakeClock clock = new FakeClock();
    private final SilentBroker broker = new SilentBroker(clock);
    private final Recorder events = new Recorder();

    private TaskQueue start(Object... tasks) {
        return TaskQueue.builder()
                .broker(broker)
                .tasks(tasks)
                .clock(clock)
                .drainTimeout(Duration.ZERO)
                .listener(events)
                .start();
    }

    /** Moves time in steps, and lets the loops of the worker do what each brings, or they would seem to be late. */
    private void awaitReady(TaskQueue queue, boolean ready) {
        Waits.until("ready is " + ready, () -> {
            clock.awaitWaiters(LOOPS);
            clock.advance(Duration.ofMillis(100));
            clock.awaitWaiters(LOOPS);
            return queue.health().ready() == ready;
        });
    }

    @Test
    void a_worker_whose_broker_is_silent_is_not_ready_but_live_and_says_why_until_it_is_back() throws Exception {
        try (TaskQueue queue = start(new Nothing())) {
            awaitReady(queue, true);

            broker.isSilent = true;
            awaitReady(queue, false);

            assertThat(queue.health().live()).isTrue();
            assertThat(queue.health().problems())
                    .anyMatch(text -> text.startsWith("the broker has answered no request"));
            assertThat(events.events(QueueEvent.ConnectionLost.class))
                    .as("no request has failed yet")
                    .isEmpty();

            broker.giveUp();
            assertThat(events.await(QueueEvent.ConnectionLost.class, 1).get(0).why())
                    .contains("no answer");
            broker.isSilent = false;
            awaitReady(queue, true);

            assertThat(events.await(QueueEvent.ConnectionBack.class, 1).get(0).after())
                    .isPositive();
            assertThat(events.events(QueueEvent.ConnectionLost.class)).hasSize(1);
            assertThat(events.events(QueueEvent.ConnectionBack.class)).hasSize(1);
        }
    }

    @Test
    void a_worker_that_claims_nothing_is_not_ready_although_the_broker_answers_its_sweeps() {
        try (TaskQueue queue = start(new Nothing())) {
            awaitReady(queue, true);

            broker.keepsClaims = true;
            awaitReady(queue, false);

            assertThat(queue.health().problems())
                    .singleElement()
                    .asString()
                    .startsWith("no claim was answered for queue default for 7 s");
            broker.giveUp();
        }
    }

    @Test
    void announcements_that_do_not_arrive_are_a_problem_that_leaves_the_queue_ready() {
        try (TaskQueue queue = start(new Nothing())) {
            awaitReady(queue, true);
            broker.silence = Duration.ofSeconds(16);

            assertThat(queue.health().ready()).isTrue();
            assertThat(queue.health().problems())
                    .containsExactly("announcements of the broker do not arrive, so jobs are found by polling for 16 s,"
                            + " allowed are 15 s");
        }
    }

    @Test
    void a_queue_that_starts_is_live_and_not_ready_until_all_of_its_parts_have_started() {
        AtomicReference<Health> seen = new AtomicReference<>();
        Extension page = new Extension() {
            @Override
            public void start(Parts parts) {
                seen.set(parts.health());
            }
        };
        try (TaskQueue queue = TaskQueue.builder()
                .broker(broker)
                .tasks(new Nothing())
                .clock(clock)
                .drainTimeout(Duration.ZERO)
                .install(page)
                .start()) {
            assertThat(seen.get().ready()).isFalse();
            assertThat(seen.get().live()).as("%s", seen.get()).isTrue();
            awaitReady(queue, true);
        }
    }

    @Test
    void a_loop_that_is_registered_before_it_starts_is_neither_late_nor_stopped() {
        Observers observers = new Observers(List.of(), List.of(), clock);
        Loop loop = new Loop("tidemill-test", clock, () -> Duration.ofHours(1).toNanos());
        observers.loop(loop);
        clock.advance(Duration.ofMinutes(1));
        assertThat(new Health(observers, clock, false, false).live()).isTrue();

        loop.start();
        clock.awaitWaiters(1);
        assertThat(new Health(observers, clock, false, false).live()).isTrue();
        loop.stop();
        assertThat(new Health(observers, clock, false, false).live()).isFalse();
    }

    @Test
    void the_age_of_each_check_is_the_one_that_was_judged() {
        try (TaskQueue queue = start()) {
            queue.health();
            clock.advance(Duration.ofHours(1));

            Health.Check idle = queue.health().checks().get(0);
            assertThat(idle.name()).isEqualTo("broker");
            assertThat(idle.ok()).isTrue();
            assertThat(idle.age()).isLessThanOrEqualTo(idle.allowedAge());

            broker.isSilent = true;
            clock.advance(Duration.ofSeconds(2));
            queue.health();
            clock.advance(Duration.ofSeconds(6));
            Health.Check late = queue.health().checks().get(0);
            assertThat(late.ok()).isFalse();
            assertThat(late.age()).isEqualTo(Duration.ofSeconds(6));
        }
    }

    @Test
    void an_error_of_this_process_is_no_outage_of_the_broker() {
        Observers observers = new Observers(List.of(events), List.of(), clock);

        observers.ask("enqueue", "mail", 1, () -> {
            clock.advance(Duration.ofSeconds(1));
            throw new StackOverflowError();
        });
        observers.ask("claim", "mail", 1, () -> CompletableFuture.failedFuture(new OutOfMemoryError("planted")));
        observers.ask(
                "claim",
                "mail",
                1,
                () -> CompletableFuture.failedFuture(new BrokerException(
                        BrokerException.Outcome.UNKNOWN, "broken off in this process", new StackOverflowError())));
        assertThat(observers.outages().areKnown()).isFalse();
        assertThat(observers.outages().unanswered()).isZero();

        observers.ask(
                "claim",
                "mail",
                1,
                () -> CompletableFuture.failedFuture(
                        new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null)));
        assertThat(observers.outages().areKnown()).isTrue();
        assertThat(events.events(QueueEvent.ConnectionLost.class)).hasSize(1);
    }

    @Test
    void the_loop_that_stores_outcomes_again_is_judged() {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(broker))
                .results(new MemoryResultBackend(clock))
                .clock(clock)
                .start()) {
            assertThat(queue.health().checks())
                    .extracting(Health.Check::name)
                    .contains("tidemill-outcomes", "tidemill-await");
        }
    }

    @Test
    void a_producer_that_sends_nothing_is_ready_and_finds_out_by_itself_that_the_broker_is_gone_and_back() {
        try (TaskQueue queue = start()) {
            clock.advance(Duration.ofHours(1));
            assertThat(queue.health().ready()).isTrue();

            broker.isSilent = true;
            clock.advance(Duration.ofHours(1));
            assertThat(queue.health().ready()).as("nobody knows yet").isTrue();
            clock.advance(Duration.ofSeconds(6));
            assertThat(queue.health().ready()).isFalse();
            assertThat(broker.unanswered).as("it asks once").hasSize(1);

            broker.isSilent = false;
            broker.giveUp();
            clock.advance(Duration.ofSeconds(2));
            queue.health();
            assertThat(queue.health().ready()).isTrue();
        }
    }
}
