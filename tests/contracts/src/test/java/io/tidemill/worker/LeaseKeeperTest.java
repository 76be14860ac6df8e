package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Subscription;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.Failure;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.observe.Observers;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Waits;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import io.tidemill.worker.WorkerHarness.Gate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseKeeperTest {

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    /** Lets the leases at the broker that have ended be recovered, as some process's maintenance does. */
    private void recover() {
        engine.memory
                .sweeps()
                .recover(WorkerHarness.QUEUE, 100, 3, JobCodec.encode(Failure.of("LeaseEnded", "it ended")));
    }

    @Test
    void a_lease_is_renewed_every_third_of_its_time_in_one_call_for_all() {
        engine.started(5);
        for (int i = 0; i < 3; i++) {
            Gate gate = engine.gate("job" + i);
            engine.enqueue("job" + i);
            gate.awaitBegun();
        }
        engine.settle();

        for (int round = 1; round <= 12; round++) {
            engine.advance(WorkerHarness.RENEWAL);
            assertThat(engine.broker.count(Hop.EXTEND)).isEqualTo(round);
        }
        assertThat(engine.broker.await(Hop.EXTEND, 12).tokens).hasSize(3);
        recover();
        assertThat(engine.find("job0").state()).isEqualTo(JobState.ACTIVE);
    }

    @Test
    void a_lease_that_could_not_be_extended_in_time_is_doubtful_but_its_completion_is_still_tried() throws Exception {
        engine.started(1);
        Gate gate = engine.gate("job");
        engine.enqueue("job");
        TaskContext context = gate.awaitBegun();
        engine.broker.set(Hop.EXTEND, Mode.LOSE_REPLY);

        engine.advance(Duration.ofSeconds(10));
        engine.advance(Duration.ofSeconds(10));
        engine.advance(Duration.ofNanos(9_999_999_999L));
        assertThat(context.isLeaseValid()).isTrue();
        engine.advance(Duration.ofNanos(1));
        assertThat(context.isLeaseValid()).isFalse();
        assertThat(gate.interrupted).as("doubt is no reason to interrupt").isNotDone();

        gate.open();
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.isKnown("job")).isFalse();
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
    }

    @Test
    void a_job_whose_lease_the_broker_says_has_ended_is_interrupted_and_nothing_is_recorded() throws Exception {
        engine.started(2);
        Gate gate = engine.gate("job");
        engine.enqueue("job");
        TaskContext context = gate.awaitBegun();
        engine.broker.set(Hop.EXTEND, Mode.FAIL);
        engine.broker.set(Hop.CLAIM, Mode.FAIL);
        for (int i = 0; i < 3; i++) {
            engine.advance(Duration.ofSeconds(10));
        }
        recover();
        assertThat(engine.find("job").lostLeases()).isOne();

        engine.broker.set(Hop.EXTEND, Mode.PASS);
        engine.advance(Duration.ofSeconds(10));

        gate.awaitInterrupted();
        assertThat(engine.events.await(QueueEvent.LeaseLost.class, 1))
                .extracting(QueueEvent.LeaseLost::mayBeRecorded)
                .containsExactly(false);
        assertThat(context.isLeaseValid()).isFalse();
        assertThat(engine.find("job").state()).isEqualTo(JobState.READY);
        assertThat(engine.find("job").failures())
                .as("the interrupt is no failure of the job")
                .isZero();
        assertThat(engine.events.events(QueueEvent.Retrying.class)).isEmpty();
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).hasSize(1);
    }

    @Test
    void what_a_job_returns_after_its_lease_was_lost_is_dropped() throws Exception {
        engine.started(1);
        Gate gate = engine.gate("job");
        engine.bodies.put("job", context -> {
            gate.begun.complete(context);
            while (!gate.open.isDone()) {
                try {
                    gate.open.get();
                } catch (InterruptedException e) {
                    gate.interrupted.complete(null);
                }
            }
        });
        engine.enqueue("job");
        gate.awaitBegun();
        engine.broker.set(Hop.EXTEND, Mode.FAIL);
        engine.advance(WorkerHarness.LEASE);
        recover();
        engine.broker.set(Hop.EXTEND, Mode.PASS);
        engine.advance(WorkerHarness.RENEWAL);
        gate.awaitInterrupted();

        gate.open();

        // The completion of the first run claims the second.
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.events.await(QueueEvent.LeaseLost.class, 1))
                .singleElement()
                .extracting(QueueEvent.LeaseLost::attempt)
                .isEqualTo(1);
        assertThat(engine.events.events(QueueEvent.Succeeded.class))
                .singleElement()
                .extracting(QueueEvent.Succeeded::attempt)
                .isEqualTo(2);
        assertThat(engine.memory.lists().counts(WorkerHarness.QUEUE).join().succeeded())
                .isOne();
    }

    @Test
    void renewals_that_fail_for_a_while_and_then_work_again_keep_the_lease() throws Exception {
        engine.started(1);
        Gate gate = engine.gate("job");
        engine.enqueue("job");
        TaskContext context = gate.awaitBegun();

        engine.broker.set(Hop.EXTEND, Mode.FAIL);
        engine.advance(Duration.ofSeconds(10));
        engine.broker.set(Hop.EXTEND, Mode.THROW);
        engine.advance(Duration.ofSeconds(10));
        engine.broker.set(Hop.EXTEND, Mode.PASS);
        engine.advance(Duration.ofSeconds(9));
        engine.advance(Duration.ofSeconds(10));
        assertThat(context.isLeaseValid()).isTrue();
        recover();

        gate.open();
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
    }

    @Test
    void a_late_answer_to_an_earlier_renewal_does_not_shorten_the_lease() {
        engine.started(1);
        Gate gate = engine.gate("job");
        engine.enqueue("job");
        TaskContext context = gate.awaitBegun();
        engine.broker.set(Hop.EXTEND, Mode.HOLD_REPLY);
        engine.advance(Duration.ofSeconds(10));
        engine.advance(Duration.ofSeconds(10));

        engine.broker.await(Hop.EXTEND, 2).letGo();
        engine.broker.await(Hop.EXTEND, 1).letGo();
        engine.broker.set(Hop.EXTEND, Mode.FAIL);
        engine.clock.advance(Duration.ofSeconds(25));

        assertThat(context.isLeaseValid()).as("it holds until 20 s + 30 s").isTrue();
    }

    @Test
    void a_lease_whose_last_job_was_recorded_while_the_renewal_was_under_way_is_not_reported_lost() throws Exception {
        engine.started(1);
        Gate gate = engine.gate("job");
        engine.enqueue("job");
        gate.awaitBegun();
        engine.broker.set(Hop.EXTEND, Mode.HOLD);
        engine.advance(WorkerHarness.RENEWAL);
        gate.open();
        engine.events.await(QueueEvent.Succeeded.class, 1);

        engine.broker.await(Hop.EXTEND, 1).letGo();

        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
        assertThat(gate.interrupted).isNotDone();
    }

    @Test
    void a_lease_whose_last_job_is_being_recorded_when_the_renewal_finds_it_gone_is_not_reported_lost()
            throws Exception {
        engine.started(1);
        Gate gate = engine.gate("job");
        engine.enqueue("job");
        gate.awaitBegun();
        engine.broker.set(Hop.COMPLETE, Mode.HOLD_REPLY);
        gate.open();
        GatedBroker.Call completion = engine.broker.await(Hop.COMPLETE, 1);
        engine.advance(WorkerHarness.RENEWAL);
        assertThat(engine.broker.count(Hop.EXTEND)).isOne();

        completion.letGo();

        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
        assertThat(gate.interrupted).isNotDone();
    }

    @Test
    void an_idle_worker_renews_nothing() {
        engine.started(1);
        engine.enqueue("job");
        Waits.until("the job is over", () -> !engine.isKnown("job"));
        engine.awaitThreads();
        for (int i = 0; i < 6; i++) {
            engine.advance(WorkerHarness.RENEWAL);
        }
        assertThat(engine.broker.count(Hop.EXTEND)).isZero();
    }

    @Test
    void a_hint_of_a_cancel_that_nobody_asked_for_interrupts_nothing() throws Exception {
        AtomicReference<BrokerListener> hints = new AtomicReference<>();
        Worker worker = new Worker(
                new DelegatingBroker(engine.broker) {
                    @Override
                    public Subscription listen(String id, Set<String> queues, BrokerListener listener) {
                        hints.set(listener);
                        return super.listen(id, queues, listener);
                    }
                },
                WorkerHarness.bindings(engine.new Tasks()),
                engine.options(2),
                new Payloads(new JsonPayloadCodec(), null),
                null,
                new Observers(List.of(engine.events), List.of(), engine.clock),
                List.of(),
                engine.clock,
                engine.executor);
        worker.start();
        engine.settle();
        Gate gate = engine.gate("job");
        engine.enqueue("job");
        TaskContext context = gate.awaitBegun();

        hints.get().cancelRequested(WorkerHarness.QUEUE, "job");

        engine.broker.await(Hop.EXTEND, 1);
        engine.settle();
        assertThat(context.isCancelled()).isFalse();

        engine.memory.cancellation().cancel(WorkerHarness.QUEUE, "job");

        gate.awaitInterrupted();
        assertThat(engine.broker.count(Hop.EXTEND)).isEqualTo(2);
        engine.events.await(QueueEvent.Cancelled.class, 1);
        worker.stop();
    }

    @Test
    void a_cancel_comes_with_the_renewal_when_the_hint_was_lost() throws Exception {
        // A worker that gets no hints: its jobs are claimed by the poll and cancelled by the renewal.
        WorkerHarness deaf = engine;
        Worker worker = new Worker(
                new DelegatingBroker(deaf.broker) {
                    @Override
                    public Subscription listen(String id, Set<String> queues, BrokerListener listener) {
                        return () -> {};
                    }
                },
                WorkerHarness.bindings(deaf.new Tasks()),
                deaf.options(1).withPollInterval(Duration.ofSeconds(1)),
                new Payloads(new JsonPayloadCodec(), null),
                null,
                new Observers(List.of(deaf.events), List.of(), deaf.clock),
                List.of(),
                deaf.clock,
                deaf.executor);
        worker.start();
        deaf.settle();
        Gate gate = deaf.gate("job");
        deaf.enqueue("job");
        deaf.advance(Duration.ofSeconds(1));
        TaskContext context = gate.awaitBegun();
        deaf.memory.cancellation().cancel(WorkerHarness.QUEUE, "job");
        assertThat(context.isCancelled()).isFalse();

        deaf.advance(WorkerHarness.RENEWAL);

        gate.awaitInterrupted();
        assertThat(context.isCancelled()).isTrue();
        deaf.events.await(QueueEvent.Cancelled.class, 1);
        worker.stop();
    }
}
