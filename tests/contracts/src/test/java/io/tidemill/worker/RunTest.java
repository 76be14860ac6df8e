package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.record.Job;
import io.tidemill.task.RetryPolicy;
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

class RunTest {

    private static final int ROUNDS = 10_000;

    private final FakeClock clock = new FakeClock();

    private Run run() {
        Claim claim = new Claim("job", "token", new byte[0], 4, 1, 1, 1);
        return new Run(
                null,
                claim,
                new Lease(null, "token", clock, 0, Duration.ofSeconds(30).toNanos(), 1));
    }

    @AfterEach
    void this_thread_was_not_left_interrupted() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Everything that may come from outside while a run is under way. */
    static List<Consumer<Run>> disturbances() {
        return List.of(run -> run.timeOut(Duration.ofSeconds(1)), Run::cancel, run -> run.stop(true), Run::leaseLost);
    }

    @Test
    void however_many_say_how_it_ended_one_is_believed() throws Exception {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            runs.add(run());
        }
        AtomicIntegerArray believed = new AtomicIntegerArray(ROUNDS);
        AtomicInteger arrived = new AtomicInteger();
        Runnable ending = () -> {
            for (int i = 0; i < ROUNDS; i++) {
                // Both begin each round together.
                arrived.incrementAndGet();
                while (arrived.get() < 2 * (i + 1)) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
                if (runs.get(i).end()) {
                    believed.incrementAndGet(i);
                }
            }
        };
        CompletableFuture<Void> other = CompletableFuture.runAsync(ending);
        ending.run();
        other.get(60, TimeUnit.SECONDS);

        for (int i = 0; i < ROUNDS; i++) {
            assertThat(believed.get(i)).isOne();
            assertThat(runs.get(i).hasEnded()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("disturbances")
    void what_comes_while_the_method_runs_interrupts_it(Consumer<Run> disturb) {
        Run run = run();
        assertThat(run.enter()).isTrue();
        disturb.accept(run);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        run.leave();
        assertThat(Thread.currentThread().isInterrupted())
                .as("it goes no further than this run")
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("disturbances")
    void what_comes_before_or_after_the_method_interrupts_nobody(Consumer<Run> disturb) {
        disturb.accept(run());
        assertThat(Thread.currentThread().isInterrupted()).isFalse();

        Run run = run();
        run.enter();
        run.leave();
        disturb.accept(run);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("disturbances")
    void what_comes_just_as_the_method_returns_never_reaches_the_next_job_on_the_thread(Consumer<Run> disturb)
            throws Exception {
        AtomicInteger round = new AtomicInteger();
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            runs.add(run());
        }
        CompletableFuture<Void> outside = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < ROUNDS; i++) {
                while (round.get() < i) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
                disturb.accept(runs.get(i));
            }
        });
        for (int i = 0; i < ROUNDS; i++) {
            runs.get(i).enter();
            round.set(i);
            runs.get(i).leave();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
        outside.get(60, TimeUnit.SECONDS);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void a_run_that_was_stopped_or_cancelled_before_it_began_does_not_begin() {
        Run stopped = run();
        stopped.stop(false);
        assertThat(stopped.enter()).isFalse();
        assertThat(stopped.isStopped()).isTrue();

        Run cancelled = run();
        cancelled.cancel();
        assertThat(cancelled.enter()).isFalse();
    }

    @Test
    void a_run_that_does_not_begin_says_why_and_not_that_a_worker_stopped_which_nobody_has_stopped() {
        Run stopped = run();
        stopped.stop(false);
        assertThat(stopped.whyStopped()).isEqualTo("the worker stopped");

        Run beside = run();
        beside.giveBack("another job runs alone");
        assertThat(beside.enter()).isFalse();
        assertThat(beside.whyStopped()).isEqualTo("another job runs alone");

        assertThat(run().whyStopped()).as("its lease is over").contains("its lease may have ended");
    }

    @Test
    void a_gentle_stop_lets_a_run_that_has_begun_go_on() {
        Run run = run();
        run.enter();
        run.stop(false);
        assertThat(run.isStopped()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        run.leave();
    }

    @Test
    void it_knows_its_number_and_what_the_record_says() {
        Run run = run();
        assertThat(run.attempt()).isEqualTo(4);
        assertThat(run.task()).isEqualTo("?");
        assertThat(run.headers()).isEmpty();
        run.read(new Job("mail", new byte[0], 0, null, 7, Map.of("tenant", "9")), 0);
        assertThat(run.task()).isEqualTo("mail");
        assertThat(run.headers()).containsEntry("tenant", "9");
        assertThat(run.policy(RetryPolicy.defaults()).maxAttempts()).isEqualTo(7);
    }
}
