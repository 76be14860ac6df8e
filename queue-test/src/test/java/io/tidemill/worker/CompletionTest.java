package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import io.tidemill.worker.GatedBroker.Call;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import io.tidemill.worker.WorkerHarness.Gate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of the word that a run has ended. */
class CompletionTest {

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"FAIL", "THROW"})
    void a_completion_that_fails_is_sent_again_until_it_is_recorded_and_its_slot_is_given_back_once(Mode broken)
            throws Exception {
        Worker worker = engine.started(2);
        engine.broker.set(Hop.COMPLETE, broken);
        engine.enqueue("job");
        engine.broker.await(Hop.COMPLETE, 1);
        engine.awaitThreads();
        for (int n = 2; n <= 6; n++) {
            engine.advance(Duration.ofSeconds(1));
            engine.broker.await(Hop.COMPLETE, n);
        }
        assertThat(worker.inUse()).isZero();
        assertThat(engine.find("job").state()).isEqualTo(JobState.ACTIVE);
        assertThat(engine.events.events(QueueEvent.Succeeded.class)).isEmpty();

        engine.broker.set(Hop.COMPLETE, Mode.PASS);
        engine.advance(Duration.ofSeconds(1));

        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.isKnown("job")).isFalse();
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
        assertThatNoSlotIsLostOrWon(worker, 2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"FAIL", "THROW"})
    void a_failure_that_cannot_be_told_is_told_again(Mode broken) throws Exception {
        Worker worker = engine.started(2);
        engine.broker.set(Hop.FAIL, broken);
        engine.bodies.put("job", context -> {
            engine.bodies.remove("job");
            throw new IllegalStateException("broken");
        });
        engine.enqueue("job");
        engine.broker.await(Hop.FAIL, 1);
        engine.awaitThreads();
        engine.advance(Duration.ofSeconds(1));
        engine.broker.await(Hop.FAIL, 2);
        engine.broker.set(Hop.FAIL, Mode.PASS);
        engine.advance(Duration.ofSeconds(1));

        engine.events.await(QueueEvent.Retrying.class, 1);
        assertThat(engine.events.events(QueueEvent.Retrying.class)).hasSize(1);
        engine.advance(Duration.ofMinutes(1));
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThatNoSlotIsLostOrWon(worker, 2);
    }

    @Test
    void a_completion_that_fails_until_the_lease_has_ended_is_dropped_and_the_loss_is_told() throws Exception {
        Worker worker = engine.started(2);
        engine.broker.setAll(Mode.FAIL);
        engine.broker.set(Hop.CLAIM, Mode.PASS);
        engine.enqueue("job");
        engine.broker.await(Hop.COMPLETE, 1);
        engine.awaitThreads();
        for (int second = 1; second < 30; second++) {
            engine.advance(Duration.ofSeconds(1));
            engine.broker.await(Hop.COMPLETE, second + 1);
        }
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();

        engine.advance(Duration.ofSeconds(1));

        engine.events.await(QueueEvent.LeaseLost.class, 1);
        int sent = engine.broker.count(Hop.COMPLETE);
        for (int i = 0; i < 5; i++) {
            engine.advance(Duration.ofSeconds(10));
        }
        assertThat(engine.broker.count(Hop.COMPLETE))
                .as("it is not sent any more")
                .isEqualTo(sent);
        assertThat(engine.broker.count(Hop.EXTEND))
                .as("its lease is not renewed any more")
                .isBetween(2, 3);
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).hasSize(1);
        assertThat(engine.events.events(QueueEvent.Succeeded.class)).isEmpty();
        engine.broker.setAll(Mode.PASS);
        assertThatNoSlotIsLostOrWon(worker, 2);
    }

    @Test
    void completions_that_gather_while_a_call_is_in_flight_go_out_in_one_call_with_one_claim() throws Exception {
        Worker worker = engine.started(10);
        List<Gate> gates = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            gates.add(engine.gate("job" + i));
            engine.enqueue("job" + i);
        }
        gates.forEach(Gate::awaitBegun);
        engine.broker.forget();
        engine.broker.set(Hop.COMPLETE, Mode.HOLD);
        engine.broker.set(Hop.CLAIM, Mode.HOLD);
        gates.get(0).open();
        Call first = engine.broker.await(Hop.COMPLETE, 1);
        assertThat(first.claim.limit()).isOne();
        gates.forEach(Gate::open);
        engine.awaitThreads();

        engine.broker.set(Hop.COMPLETE, Mode.PASS);
        first.letGo();

        engine.events.await(QueueEvent.Succeeded.class, 10);
        assertThat(engine.broker.count(Hop.COMPLETE)).isEqualTo(2);
        Call second = engine.broker.await(Hop.COMPLETE, 2);
        assertThat(second.completions).hasSize(9);
        assertThat(second.claim.limit())
                .as("one claim for all the slots that are free by then")
                .isEqualTo(10);
        assertThat(engine.broker.count(Hop.CLAIM)).isZero();
        WorkerHarness.awaitFree(worker);
    }

    /** Fills all slots and finds that there are as many as there should be. */
    private void assertThatNoSlotIsLostOrWon(Worker worker, int concurrency) {
        WorkerHarness.awaitFree(worker);
        List<Gate> gates = new ArrayList<>();
        for (int i = 0; i <= concurrency; i++) {
            gates.add(engine.gate("filler" + i));
        }
        for (int i = 0; i <= concurrency; i++) {
            engine.enqueue("filler" + i);
        }
        Waits.until("all slots are in use", () -> worker.inUse() == concurrency);
        for (int i = 0; i < concurrency; i++) {
            gates.get(i).awaitBegun();
        }
        engine.settle();
        assertThat(worker.inUse()).isEqualTo(concurrency);
        assertThat(gates.get(concurrency).begun)
                .as("one more than there are slots")
                .isNotDone();
        gates.forEach(Gate::open);
        WorkerHarness.awaitFree(worker);
    }
}
