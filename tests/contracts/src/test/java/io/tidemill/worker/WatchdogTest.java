package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobState;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final FakeClock clock = new FakeClock();
    private final List<String> abandoned = new CopyOnWriteArrayList<>();
    private final Watchdog watchdog = new Watchdog(
            clock,
            GRACE,
            (run, outcome) -> {
                run.end();
                abandoned.add(run.jobId() + " after " + ((Outcome.TimedOut) outcome).limit());
            },
            "test-watchdog");

    @BeforeEach
    void start() {
        watchdog.start();
        clock.awaitWaiters(1);
    }

    @AfterEach
    void stop() {
        watchdog.stop();
        assertThat(Thread.interrupted()).isFalse();
    }

    private Run run(String id) {
        Claim claim = new Claim(id, "token", new byte[0], 4, 0, 0, 0);
        return new Run(null, claim, new Lease(null, "token", clock, 0, Long.MAX_VALUE / 2, 1));
    }

    private void advance(Duration duration) {
        clock.awaitWaiters(1);
        clock.advance(duration);
        clock.awaitWaiters(1);
    }

    @Test
    void a_run_is_interrupted_at_its_limit_and_not_before() {
        Run run = run("job");
        run.enter();
        watchdog.watch(run, Duration.ofSeconds(30));

        advance(Duration.ofNanos(29_999_999_999L));
        assertThat(run.timedOut()).isNull();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        clock.advance(Duration.ofNanos(1));

        Waits.until("interrupted", Thread.currentThread()::isInterrupted);
        assertThat(run.timedOut()).isEqualTo(Duration.ofSeconds(30));
        run.leave();
        assertThat(abandoned).isEmpty();
    }

    @Test
    void one_that_ignores_the_interrupt_is_abandoned_after_the_time_that_interrupted_code_has() {
        Run run = run("deaf");
        watchdog.watch(run, Duration.ofSeconds(30));
        advance(Duration.ofSeconds(30));
        advance(Duration.ofNanos(4_999_999_999L));
        assertThat(abandoned).isEmpty();
        assertThat(run.isLeaseValid()).isTrue();
        advance(Duration.ofNanos(1));
        assertThat(abandoned).containsExactly("deaf after PT30S");
        assertThat(run.isLeaseValid()).as("another run may have begun").isFalse();
        advance(Duration.ofHours(1));
        assertThat(abandoned).hasSize(1);
    }

    @Test
    void one_that_returns_after_the_interrupt_is_not_abandoned() {
        Run run = run("job");
        watchdog.watch(run, Duration.ofSeconds(30));
        advance(Duration.ofSeconds(30));
        run.end();
        advance(Duration.ofHours(1));
        assertThat(abandoned).isEmpty();
    }

    @Test
    void one_that_ended_in_time_is_left_alone() {
        Run run = run("job");
        watchdog.watch(run, Duration.ofSeconds(30));
        run.end();
        advance(Duration.ofHours(1));
        assertThat(run.timedOut()).isNull();
        assertThat(abandoned).isEmpty();
    }

    @Test
    void limits_are_kept_whatever_their_order() {
        Run slow = run("slow");
        Run quick = run("quick");
        Run same = run("same");
        watchdog.watch(slow, Duration.ofMinutes(5));
        watchdog.watch(quick, Duration.ofSeconds(1));
        watchdog.watch(same, Duration.ofSeconds(1));

        advance(Duration.ofSeconds(1));
        assertThat(List.of(quick, same)).allMatch(run -> run.timedOut() != null);
        assertThat(slow.timedOut()).isNull();
        advance(Duration.ofSeconds(5));
        assertThat(abandoned).containsExactly("quick after PT1S", "same after PT1S");
        advance(Duration.ofMinutes(5));
        assertThat(slow.timedOut()).isNotNull();
    }

    @Test
    void the_longest_limit_does_not_overflow() {
        Run run = run("patient");
        watchdog.watch(run, Duration.ofDays(3650));
        advance(Duration.ofDays(3649));
        assertThat(run.timedOut()).isNull();
        advance(Duration.ofDays(1));
        assertThat(run.timedOut()).isNotNull();
    }

    @Test
    void a_run_that_has_ended_is_forgotten_at_once_and_not_when_its_limit_is_over() {
        try (WorkerHarness engine = new WorkerHarness()) {
            Worker worker = engine.started(10);
            WorkerHarness.Gate first = engine.gate("first");
            engine.enqueue("first", "limited");
            first.awaitBegun();
            for (int i = 0; i < 100; i++) {
                engine.enqueue("job" + i, "limited");
            }
            Waits.until("the others are over", () -> worker.inUse() == 1);
            engine.awaitRunning(1);
            assertThat(worker.watched()).as("the first is still running").isOne();
            first.open();
            engine.awaitThreads();
            assertThat(worker.watched()).isZero();
        }
    }

    @Test
    void a_job_that_ignores_its_timeout_frees_its_slot_and_what_it_returns_is_ignored() throws Exception {
        try (WorkerHarness engine = new WorkerHarness()) {
            engine.started(1);
            CompletableFuture<Void> open = new CompletableFuture<>();
            CompletableFuture<Void> begun = new CompletableFuture<>();
            engine.bodies.put("deaf", context -> {
                engine.bodies.remove("deaf");
                begun.complete(null);
                while (!open.isDone()) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
            });
            engine.enqueue("deaf", "limited");
            begun.join();
            engine.broker.set(GatedBroker.Hop.COMPLETE, GatedBroker.Mode.HOLD);
            for (int i = 0; i < 7; i++) {
                engine.advance(Duration.ofSeconds(10));
            }
            engine.events.await(QueueEvent.Retrying.class, 1);
            assertThat(engine.find("deaf").failures()).isOne();
            // Its second run, on another thread, has come to its end while the first is still at it.
            engine.broker.await(GatedBroker.Hop.COMPLETE, 1);
            assertThat(engine.find("deaf").state()).isEqualTo(JobState.ACTIVE);

            open.complete(null);
            engine.awaitThreads();

            assertThat(engine.broker.count(GatedBroker.Hop.COMPLETE)).isOne();
        }
    }

    @Test
    void a_cancelled_job_that_ignores_its_interrupt_frees_its_slot_although_it_has_no_timeout() throws Exception {
        try (WorkerHarness engine = new WorkerHarness()) {
            Worker worker = engine.started(1);
            CompletableFuture<Void> open = new CompletableFuture<>();
            CompletableFuture<Void> begun = new CompletableFuture<>();
            engine.bodies.put("deaf", context -> {
                begun.complete(null);
                while (!open.isDone()) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
            });
            engine.enqueue("deaf");
            begun.join();

            engine.broker.cancellation().cancel(WorkerHarness.QUEUE, "deaf").join();
            engine.advance(engine.options(1).interruptTimeout().minusNanos(1));
            assertThat(worker.inUse()).as("it still has time to return").isOne();
            engine.advance(Duration.ofNanos(1));

            engine.events.await(QueueEvent.Cancelled.class, 1);
            assertThat(engine.find("deaf").state()).isEqualTo(JobState.CANCELLED);
            WorkerHarness.awaitFree(worker);
            open.complete(null);
            engine.awaitThreads();
        }
    }
}
