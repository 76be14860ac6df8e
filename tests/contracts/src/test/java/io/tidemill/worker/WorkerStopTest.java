package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.Waits;
import io.tidemill.worker.GatedBroker.Call;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import io.tidemill.worker.WorkerHarness.Gate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerStopTest {

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    private static void await(CompletableFuture<Void> stopped) {
        stopped.orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** The three threads of the worker, and the one that stops it and waits. */
    private void awaitDraining() {
        engine.clock.awaitWaiters(4);
    }

    @Test
    void jobs_that_a_late_claim_brings_are_given_back_and_not_begun() {
        Worker worker = engine.started(3);
        engine.broker.set(Hop.CLAIM, Mode.HOLD);
        engine.enqueue("job");
        Call late = engine.broker.await(Hop.CLAIM, 2);
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();
        assertThat(stopped).as("the claim may bring jobs: it is waited for").isNotDone();

        late.letGo();

        await(stopped);
        assertThat(engine.events.events(QueueEvent.Started.class)).isEmpty();
        assertThat(engine.find("job").state()).isEqualTo(JobState.READY);
        assertThat(engine.find("job").releases()).isOne();
        assertThat(engine.find("job").failures()).isZero();
        assertThat(worker.inUse()).isZero();
    }

    @Test
    void a_late_claim_that_fails_or_brings_nothing_gives_its_slots_back() {
        Worker worker = engine.started(3);
        engine.broker.set(Hop.CLAIM, Mode.HOLD);
        engine.enqueue("job");
        Call late = engine.broker.await(Hop.CLAIM, 2);
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();
        assertThat(worker.inUse()).isEqualTo(3);

        late.fail();

        await(stopped);
        assertThat(worker.inUse()).isZero();
        assertThat(engine.find("job").state()).isEqualTo(JobState.READY);
    }

    @Test
    void a_claim_that_is_never_answered_delays_a_stop_no_longer_than_its_drain_timeout() {
        Worker worker = engine.started(1);
        engine.broker.set(Hop.CLAIM, Mode.HOLD);
        engine.enqueue("job");
        engine.broker.await(Hop.CLAIM, 2);
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();

        engine.clock.advance(Duration.ofSeconds(30));

        await(stopped);
    }

    @Test
    void what_a_run_comes_to_while_a_stop_waits_for_it_is_recorded() throws Exception {
        Worker worker = engine.started(3);
        Gate succeeds = engine.gate("succeeds");
        Gate fails = engine.gate("fails");
        Gate snoozes = engine.gate("snoozes");
        WorkerHarness.Body failing = engine.bodies.get("fails");
        engine.bodies.put("fails", context -> {
            failing.run(context);
            throw new IllegalStateException("broken");
        });
        WorkerHarness.Body snoozing = engine.bodies.get("snoozes");
        engine.bodies.put("snoozes", context -> {
            snoozing.run(context);
            throw new TaskSignal.Snooze(Duration.ofMinutes(1));
        });
        for (String id : List.of("succeeds", "fails", "snoozes")) {
            engine.enqueue(id);
        }
        List.of(succeeds, fails, snoozes).forEach(Gate::awaitBegun);
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();

        List.of(succeeds, fails, snoozes).forEach(Gate::open);

        await(stopped);
        assertThat(engine.isKnown("succeeds")).isFalse();
        assertThat(engine.memory.lists().counts(WorkerHarness.QUEUE).join().succeeded())
                .isOne();
        assertThat(engine.find("fails").failures()).isOne();
        assertThat(engine.find("snoozes").state()).isEqualTo(JobState.SCHEDULED);
        assertThat(engine.find("snoozes").failures()).isZero();
    }

    @Test
    void nothing_is_claimed_any_more_and_running_jobs_end() throws Exception {
        Worker worker = engine.started(2);
        Gate gate = engine.gate("running");
        engine.enqueue("running");
        gate.awaitBegun();
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();
        engine.enqueue("waiting");

        gate.open();

        await(stopped);
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.isKnown("running")).isFalse();
        assertThat(engine.find("waiting").state()).isEqualTo(JobState.READY);
        assertThat(engine.broker.await(Hop.COMPLETE, 1).claim)
                .as("the completion claims nothing")
                .isNull();
    }

    @Test
    void leases_are_renewed_while_running_jobs_end() {
        Worker worker = engine.worker(engine.options(1).withDrainTimeout(Duration.ofMinutes(10)));
        worker.start();
        engine.settle();
        Gate gate = engine.gate("long");
        engine.enqueue("long");
        gate.awaitBegun();
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        for (int i = 0; i < 12; i++) {
            awaitDraining();
            engine.clock.advance(WorkerHarness.RENEWAL);
        }
        awaitDraining();
        assertThat(gate.context.isLeaseValid()).isTrue();
        assertThat(stopped).isNotDone();

        gate.open();

        await(stopped);
        assertThat(engine.isKnown("long")).isFalse();
    }

    @Test
    void a_job_that_does_not_end_in_time_is_interrupted_and_goes_back_without_a_failure() {
        Worker worker = engine.started(1);
        Gate gate = engine.gate("slow");
        engine.enqueue("slow");
        gate.awaitBegun();
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();

        engine.clock.advance(Duration.ofSeconds(30));

        gate.awaitInterrupted();
        await(stopped);
        assertThat(engine.find("slow").state()).isEqualTo(JobState.READY);
        assertThat(engine.find("slow").failures()).isZero();
        assertThat(engine.find("slow").releases()).isOne();
    }

    @Test
    void a_completion_that_is_to_be_sent_again_is_waited_for() throws Exception {
        Worker worker = engine.started(1);
        engine.broker.set(Hop.COMPLETE, Mode.FAIL);
        engine.enqueue("job");
        engine.broker.await(Hop.COMPLETE, 1);
        engine.awaitThreads();
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();
        assertThat(stopped).isNotDone();

        engine.broker.set(Hop.COMPLETE, Mode.PASS);
        engine.clock.advance(Duration.ofSeconds(1));

        await(stopped);
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.isKnown("job")).as("recorded, and not run again").isFalse();
    }

    @Test
    void a_completion_that_nobody_takes_delays_a_stop_no_longer_than_its_drain_timeout() {
        Worker worker = engine.started(1);
        engine.broker.set(Hop.COMPLETE, Mode.FAIL);
        engine.enqueue("job");
        engine.broker.await(Hop.COMPLETE, 1);
        engine.awaitThreads();
        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        awaitDraining();
        for (int i = 0; i < 29; i++) {
            engine.clock.advance(Duration.ofSeconds(1));
            awaitDraining();
            assertThat(stopped).isNotDone();
        }

        engine.clock.advance(Duration.ofSeconds(1));

        await(stopped);
        assertThat(engine.find("job").state())
                .as("others run it when its lease ends")
                .isEqualTo(JobState.ACTIVE);
    }

    @Test
    void twice_is_fine() {
        Worker worker = engine.started(1);
        await(WorkerHarness.stopping(worker));
        await(WorkerHarness.stopping(worker));
        assertThat(worker.inUse()).isZero();
    }

    @Test
    void without_a_start_is_fine_and_it_does_not_start_any_more() {
        Worker worker = engine.worker(engine.options(1));
        await(WorkerHarness.stopping(worker));

        worker.start();
        engine.enqueue("job");

        assertThat(engine.broker.count(Hop.CLAIM)).isZero();
        assertThat(engine.find("job").state()).isEqualTo(JobState.READY);
    }

    @Test
    void starting_twice_is_one_start() {
        Worker worker = engine.started(1);
        worker.start();
        engine.settle();
        assertThat(engine.broker.count(Hop.CLAIM)).isOne();
    }

    @Test
    void a_second_stop_interrupts_at_once_and_both_return_when_it_is_over() {
        Worker worker = engine.started(1);
        Gate gate = engine.gate("slow");
        engine.enqueue("slow");
        gate.awaitBegun();
        CompletableFuture<Void> first = WorkerHarness.stopping(worker);
        awaitDraining();

        CompletableFuture<Void> second = WorkerHarness.stopping(worker);

        gate.awaitInterrupted();
        await(first);
        await(second);
        assertThat(engine.find("slow").releases()).isOne();
    }

    @Test
    void a_hint_after_the_stop_claims_nothing() {
        Worker worker = engine.started(1);
        await(WorkerHarness.stopping(worker));
        int claims = engine.broker.count(Hop.CLAIM);
        engine.enqueue("job");
        engine.clock.advance(Duration.ofMinutes(5));
        assertThat(engine.broker.count(Hop.CLAIM)).isEqualTo(claims);
    }

    @Test
    void its_threads_are_gone() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Worker worker = engine.started(1);
        assertThat(ours(before)).hasSize(3);
        await(WorkerHarness.stopping(worker));
        Waits.until("no thread is left", () -> ours(before).isEmpty());
    }

    private static List<Thread> ours(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.getName().startsWith("tidemill-"))
                .toList();
    }
}
