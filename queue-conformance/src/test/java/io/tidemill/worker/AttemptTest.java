package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.record.Job;
import io.tidemill.test.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttemptTest {

    private static final int ROUNDS = 10_000;

    private final FakeClock clock = new FakeClock();

    private Attempt attempt() {
        Claim claim = new Claim("job", "token", new byte[0], 4, 1, 1, 1);
        return new Attempt(
                null,
                claim,
                new Lease(null, "token", clock, 0, Duration.ofSeconds(30).toNanos(), 1));
    }

    @AfterEach
    void this_thread_was_not_left_interrupted() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Everything that may come from outside while a run is under way. */
    static List<Consumer<Attempt>> disturbances() {
        return List.of(
                attempt -> attempt.timeOut(Duration.ofSeconds(1)),
                Attempt::cancel,
                attempt -> attempt.stop(true),
                Attempt::leaseLost);
    }

    @Test
    void however_many_say_how_it_ended_one_is_believed() throws Exception {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            attempts.add(attempt());
        }
        AtomicIntegerArray believed = new AtomicIntegerArray(ROUNDS);
        AtomicInteger arrived = new AtomicInteger();
        Runnable run = () -> {
            for (int i = 0; i < ROUNDS; i++) {
                // Both begin each round together.
                arrived.incrementAndGet();
                while (arrived.get() < 2 * (i + 1)) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
                if (attempts.get(i).end()) {
                    believed.incrementAndGet(i);
                }
            }
        };
        CompletableFuture<Void> other = CompletableFuture.runAsync(run);
        run.run();
        other.get(60, TimeUnit.SECONDS);

        for (int i = 0; i < ROUNDS; i++) {
            assertThat(believed.get(i)).isOne();
            assertThat(attempts.get(i).hasEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("disturbances")
    void what_comes_while_the_method_runs_interrupts_it(Consumer<Attempt> disturb) {
        Attempt attempt = attempt();
        assertThat(attempt.enter()).isTrue();
        disturb.accept(attempt);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        attempt.leave();
        assertThat(Thread.currentThread().isInterrupted())
                .as("it goes no further than this run")
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("disturbances")
    void what_comes_before_or_after_the_method_interrupts_nobody(Consumer<Attempt> disturb) {
        disturb.accept(attempt());
        assertThat(Thread.currentThread().isInterrupted()).isFalse();

        Attempt attempt = attempt();
        attempt.enter();
        attempt.leave();
        disturb.accept(attempt);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("disturbances")
    void what_comes_just_as_the_method_returns_never_reaches_the_next_job_on_the_thread(Consumer<Attempt> disturb)
            throws Exception {
        AtomicInteger round = new AtomicInteger();
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            attempts.add(attempt());
        }
        CompletableFuture<Void> outside = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                while (round.get() < i) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
                disturb.accept(attempts.get(i));
            }
        });
        for (int i = 0; i < ROUNDS; i++) {
            attempts.get(i).enter();
            round.set(i);
            attempts.get(i).leave();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
        outside.get(60, TimeUnit.SECONDS);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void a_run_that_was_stopped_or_cancelled_before_it_began_does_not_begin() {
        Attempt stopped = attempt();
        stopped.stop(false);
        assertThat(stopped.enter()).isFalse();
        assertThat(stopped.isStopped()).isTrue();

        Attempt cancelled = attempt();
        cancelled.cancel();
        assertThat(cancelled.enter()).isFalse();
    }

    @Test
    void a_run_that_does_not_begin_says_why_and_not_that_a_worker_stopped_which_nobody_has_stopped() {
        Attempt stopped = attempt();
        stopped.stop(false);
        assertThat(stopped.whyStopped()).isEqualTo("the worker stopped");

        Attempt beside = attempt();
        beside.giveBack("another job runs alone");
        assertThat(beside.enter()).isFalse();
        assertThat(beside.whyStopped()).isEqualTo("another job runs alone");

        assertThat(attempt().whyStopped()).as("its lease is over").contains("its lease may have ended");
    }

    @Test
    void a_gentle_stop_lets_a_run_that_has_begun_go_on() {
        Attempt attempt = attempt();
        attempt.enter();
        attempt.stop(false);
        assertThat(attempt.isStopped()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        attempt.leave();
    }

    @Test
    void it_knows_its_number_and_what_the_record_says() {
        Attempt attempt = attempt();
        assertThat(attempt.attempt()).isEqualTo(4);
        assertThat(attempt.task()).isEqualTo("?");
        assertThat(attempt.headers()).isEmpty();
        attempt.read(new Job("mail", new byte[0], 0, null, 7, Map.of("tenant", "9")));
        assertThat(attempt.task()).isEqualTo("mail");
        assertThat(attempt.headers()).containsEntry("tenant", "9");
        assertThat(attempt.maxAttempts()).isEqualTo(7);
    }
}
