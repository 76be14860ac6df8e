package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.event.QueueEvent;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.observe.Observers;
import io.tidemill.record.Payloads;
import io.tidemill.test.Waits;
import io.tidemill.worker.GatedBroker.Call;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import io.tidemill.worker.WorkerHarness.Gate;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a worker comes by its jobs. */
class ClaimTest {

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void a_lone_job_costs_one_claim_and_one_completion() throws Exception {
        Worker worker = engine.started(10);
        engine.broker.forget();

        engine.enqueue("job");

        engine.events.await(QueueEvent.Succeeded.class, 1);
        WorkerHarness.awaitFree(worker);
        assertThat(engine.broker.count(Hop.CLAIM)).isOne();
        assertThat(engine.broker.count(Hop.COMPLETE)).isOne();
        assertThat(engine.broker.count(Hop.FAIL)).isZero();
        assertThat(engine.broker.count(Hop.RELEASE)).isZero();
        engine.settle();
        assertThat(engine.broker.count(Hop.CLAIM)).as("and none after it").isOne();
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"FAIL", "THROW"})
    void a_broker_that_fails_every_claim_is_asked_again_after_a_pause_and_work_resumes_by_itself(Mode broken)
            throws Exception {
        engine.broker.set(Hop.CLAIM, broken);
        Worker worker = engine.started(2);
        engine.broker.await(Hop.CLAIM, 1);
        IntStream.range(0, 5).forEach(i -> engine.enqueue("job" + i));
        engine.settle();
        int before = engine.broker.count(Hop.CLAIM);
        for (int second = 0; second < 60; second++) {
            engine.advance(Duration.ofSeconds(1));
        }
        assertThat(engine.broker.count(Hop.CLAIM) - before)
                .as("about once a second, and neither never nor in a hot loop")
                .isBetween(30, 61);
        assertThat(worker.inUse()).isZero();
        engine.advance(Duration.ofDays(3));

        engine.broker.set(Hop.CLAIM, Mode.PASS);
        engine.advance(Duration.ofSeconds(1));

        engine.events.await(QueueEvent.Succeeded.class, 5);
        WorkerHarness.awaitFree(worker);
    }

    @Test
    void a_wake_that_comes_while_a_claim_in_flight_holds_all_slots_is_not_lost() throws Exception {
        Worker worker = engine.started(1);
        engine.broker.forget();
        engine.broker.set(Hop.CLAIM, Mode.HOLD_REPLY);
        engine.enqueue("first");
        Call claim = engine.broker.await(Hop.CLAIM, 1);
        assertThat(worker.inUse()).as("the slot that the claim in flight holds").isOne();

        engine.enqueue("late");
        assertThat(engine.broker.count(Hop.CLAIM)).as("no slot, no claim").isOne();
        engine.broker.set(Hop.CLAIM, Mode.PASS);
        claim.letGo();

        // Without any time passing: the poll is a minute away.
        engine.events.await(QueueEvent.Succeeded.class, 2);
    }

    @Test
    void a_wake_during_a_claim_that_brings_nothing_is_answered_by_another_claim() throws Exception {
        engine.broker.set(Hop.CLAIM, Mode.HOLD_REPLY);
        Worker worker = engine.worker(engine.options(1));
        worker.start();
        Call empty = engine.broker.await(Hop.CLAIM, 1);

        engine.enqueue("job");
        engine.settle();
        assertThat(engine.broker.count(Hop.CLAIM)).isOne();
        engine.broker.set(Hop.CLAIM, Mode.PASS);
        empty.letGo();

        engine.events.await(QueueEvent.Succeeded.class, 1);
    }

    @Test
    void never_more_is_claimed_than_there_are_free_slots() {
        engine.started(3);
        Gate[] gates = new Gate[5];
        for (int i = 0; i < 5; i++) {
            gates[i] = engine.gate("job" + i);
        }
        for (int i = 0; i < 5; i++) {
            engine.enqueue("job" + i);
        }
        Waits.until(
                "three run",
                () -> engine.events.events(QueueEvent.Started.class).size() == 3);
        assertThat(engine.memory.lists().counts(WorkerHarness.QUEUE).join().active())
                .isEqualTo(3);
        assertThat(engine.memory.lists().counts(WorkerHarness.QUEUE).join().ready())
                .isEqualTo(2);
        gates[0].open();
        gates[3].awaitBegun();
        assertThat(gates[4].begun).isNotDone();
    }

    @Test
    void a_thousand_jobs_at_concurrency_100_take_far_fewer_than_a_thousand_calls() throws Exception {
        try (WorkerHarness busy = new WorkerHarness()) {
            AnsweringLater later = new AnsweringLater(busy);
            Worker worker = new Worker(
                    later,
                    WorkerHarness.bindings(busy.new Tasks()),
                    busy.options(100),
                    new Payloads(new JsonPayloadCodec(), null),
                    null,
                    new Observers(List.of(busy.events), List.of(), busy.clock),
                    List.of(),
                    busy.clock,
                    busy.executor);
            for (int i = 0; i < 1000; i++) {
                busy.enqueue("job" + i);
            }
            worker.start();
            busy.events.await(QueueEvent.Succeeded.class, 1000);
            WorkerHarness.awaitFree(worker);
            int completions = busy.broker.count(Hop.COMPLETE);
            int claims = busy.broker.count(Hop.CLAIM);
            assertThat(completions).isLessThan(200);
            assertThat(claims).isLessThan(100);
            assertThat(busy.broker.calls(Hop.COMPLETE).stream()
                            .mapToInt(call -> call.completions.size())
                            .sum())
                    .isEqualTo(1000);
            worker.stop();
            later.stop();
        }
    }
}
