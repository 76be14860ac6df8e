package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.ClaimRequest;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import io.tidemill.worker.GatedBroker.Call;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import io.tidemill.worker.WorkerHarness.Gate;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the end of a run is recorded. */
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
    void a_failure_that_cannot_be_recorded_is_sent_again(Mode broken) throws Exception {
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
    void a_completion_that_fails_longer_than_the_lease_lasts_is_recorded_if_nobody_else_has_the_job() throws Exception {
        Worker worker = engine.started(2);
        engine.broker.setAll(Mode.FAIL);
        engine.broker.set(Hop.CLAIM, Mode.PASS);
        engine.enqueue("job");
        engine.broker.await(Hop.COMPLETE, 1);
        engine.awaitThreads();
        for (int second = 1; second < 40; second++) {
            engine.advance(Duration.ofSeconds(1));
            engine.broker.await(Hop.COMPLETE, second + 1);
        }
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();

        engine.broker.setAll(Mode.PASS);
        engine.advance(Duration.ofSeconds(1));

        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
        assertThatNoSlotIsLostOrWon(worker, 2);
    }

    @Test
    void the_log_names_the_call_that_failed_and_counts_one_run_as_one() {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            engine.started(1);
            engine.broker.set(Hop.COMPLETE, Mode.FAIL);
            engine.enqueue("job");
            engine.broker.await(Hop.COMPLETE, 1);
            engine.awaitThreads();
        } finally {
            System.setErr(before);
        }

        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("complete on queue work failed: the broker does not answer; logged once until it works again")
                .contains("queue work: how 1 run ended is not recorded yet, tried again in 1 s");
    }

    @Test
    void a_completion_whose_answer_was_lost_and_whose_lease_has_ended_since_may_be_recorded() throws Exception {
        engine.started(2);
        engine.broker.set(Hop.COMPLETE, Mode.LOSE_REPLY);
        engine.enqueue("job");
        engine.broker.await(Hop.COMPLETE, 1);
        engine.awaitThreads();
        // Its last job was recorded, so the lease is gone, as after a time longer than any answer is remembered.
        assertThat(engine.isKnown("job")).isFalse();

        engine.broker.set(Hop.COMPLETE, Mode.PASS);
        engine.advance(Duration.ofSeconds(1));

        assertThat(engine.events.await(QueueEvent.LeaseLost.class, 1))
                .singleElement()
                .extracting(QueueEvent.LeaseLost::mayBeRecorded)
                .isEqualTo(true);
        assertThat(engine.memory.lists().counts(WorkerHarness.QUEUE).join().succeeded())
                .as("and it was")
                .isOne();
    }

    @Test
    void nothing_is_claimed_while_a_completion_is_not_recorded() throws Exception {
        engine.started(2);
        engine.broker.setAll(Mode.FAIL);
        engine.broker.set(Hop.CLAIM, Mode.PASS);
        engine.enqueue("job");
        engine.broker.await(Hop.COMPLETE, 1);
        engine.awaitThreads();
        engine.settle();
        int claims = engine.broker.count(Hop.CLAIM);
        for (int second = 1; second < 5; second++) {
            engine.advance(Duration.ofSeconds(1));
            engine.broker.await(Hop.COMPLETE, second + 1);
        }
        assertThat(engine.broker.count(Hop.CLAIM))
                .as("only the claim that went with the first completion is asked for again")
                .isBetween(claims, claims + 1);
    }

    @Test
    void completions_that_gather_while_a_call_is_in_flight_go_out_together_with_one_claim() throws Exception {
        Worker worker = engine.started(10);
        List<Gate> gates = runningUpTo(10);
        Call first = heldCompletionOf(gates.get(0));
        gates.subList(1, 5).forEach(Gate::open);
        engine.awaitRunning(5);
        assertThat(engine.broker.count(Hop.COMPLETE))
                .as("a second call goes beside the first only when it is full")
                .isOne();

        engine.broker.set(Hop.COMPLETE, Mode.PASS);
        first.letGo();

        Call second = engine.broker.await(Hop.COMPLETE, 2);
        assertThat(second.completions).hasSize(4);
        assertThat(second.claim.limit())
                .as("one claim for all the slots that are free by then")
                .isEqualTo(5);
        engine.events.await(QueueEvent.Succeeded.class, 5);
        assertThat(engine.broker.count(Hop.COMPLETE)).isEqualTo(2);
        assertThat(engine.broker.count(Hop.CLAIM)).isZero();
        gates.forEach(Gate::open);
        WorkerHarness.awaitFree(worker);
    }

    @Test
    void half_of_the_jobs_go_out_beside_a_call_in_flight_and_no_third_call_does() throws Exception {
        Worker worker = engine.started(10);
        List<Gate> gates = runningUpTo(10);
        Call first = heldCompletionOf(gates.get(0));
        gates.forEach(Gate::open);
        engine.awaitThreads();

        Call second = engine.broker.await(Hop.COMPLETE, 2);
        assertThat(second.completions)
                .as("half of what may run, so that the other half runs meanwhile")
                .hasSize(5);
        assertThat(second.claim.limit()).isEqualTo(5);
        assertThat(engine.broker.count(Hop.COMPLETE)).isEqualTo(2);

        engine.broker.set(Hop.COMPLETE, Mode.PASS);
        second.letGo();
        first.letGo();
        Call third = engine.broker.await(Hop.COMPLETE, 3);
        assertThat(third.completions).as("what is left").hasSize(4);
        engine.events.await(QueueEvent.Succeeded.class, 10);
        WorkerHarness.awaitFree(worker);
    }

    /** Whoever runs beside a job that killed its workers dies with it. */
    @Test
    void what_a_call_beside_brings_goes_back_when_the_other_brings_a_job_that_runs_alone() throws Exception {
        Worker worker = engine.started(4);
        List<Gate> gates = runningUpTo(4);
        Gate suspect = engine.gate("suspect");
        engine.enqueue("suspect");
        for (int ended = 0; ended < 2; ended++) {
            ClaimRequest request = new ClaimRequest("other", "lease" + ended, 1, 1);
            assertThat(engine.memory.claim(WorkerHarness.QUEUE, request).join().claims())
                    .hasSize(1);
            engine.advance(Duration.ofSeconds(1));
            engine.memory
                    .sweeps()
                    .recover(WorkerHarness.QUEUE, 10, 9, new byte[0])
                    .join();
        }
        List<Gate> neighbours = List.of(engine.gate("near1"), engine.gate("near2"));
        engine.enqueue("near1");
        engine.enqueue("near2");
        engine.broker.forget();
        engine.broker.set(Hop.COMPLETE, Mode.HOLD_REPLY);
        gates.get(0).open();
        Call first = engine.broker.await(Hop.COMPLETE, 1);
        gates.subList(1, 3).forEach(Gate::open);
        Call second = engine.broker.await(Hop.COMPLETE, 2);
        assertThat(engine.find("near1").state())
                .as("the second call claimed it")
                .isEqualTo(JobState.ACTIVE);

        engine.broker.set(Hop.COMPLETE, Mode.PASS);
        first.letGo();
        suspect.awaitBegun();
        second.letGo();

        Waits.until(
                "they are given back",
                () -> engine.find("near1").state() == JobState.READY
                        && engine.find("near2").state() == JobState.READY);
        assertThat(neighbours).noneMatch(gate -> gate.begun.isDone());
        gates.get(3).open();
        suspect.open();
        neighbours.forEach(Gate::awaitBegun);
        neighbours.forEach(Gate::open);
        WorkerHarness.awaitFree(worker);
    }

    /** A queue waits for slots when its completion cannot be recorded: it may not claim, and lets others pass. */
    @Test
    void a_queue_that_cannot_record_how_its_runs_ended_keeps_no_slot_from_another() throws Exception {
        Worker worker = engine.worker(engine.options(1).withQueues(Set.of(WorkerHarness.QUEUE, "other")));
        worker.start();
        engine.settle();
        Gate failing = engine.gate("failing");
        engine.enqueue("failing");
        failing.awaitBegun();
        for (String id : List.of("other1", "other2", "other3")) {
            engine.memory
                    .enqueue("other", List.of(WorkerHarness.job(id, "run")))
                    .join();
        }
        engine.settle();

        engine.broker.set(Hop.FAIL, Mode.FAIL);
        failing.open.completeExceptionally(new IllegalStateException("broken"));

        engine.events.await(QueueEvent.Succeeded.class, 3);
        assertThat(engine.find("failing").state()).isEqualTo(JobState.ACTIVE);
        engine.broker.set(Hop.FAIL, Mode.PASS);
    }

    private List<Gate> runningUpTo(int jobs) {
        List<Gate> gates = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            gates.add(engine.gate("job" + i));
            engine.enqueue("job" + i);
        }
        gates.forEach(Gate::awaitBegun);
        // A round of the fetcher that is still to come would take the first slot that is free.
        engine.settle();
        engine.broker.forget();
        return gates;
    }

    private Call heldCompletionOf(Gate gate) {
        engine.broker.set(Hop.COMPLETE, Mode.HOLD);
        engine.broker.set(Hop.CLAIM, Mode.HOLD);
        gate.open();
        Call held = engine.broker.await(Hop.COMPLETE, 1);
        assertThat(held.claim.limit()).isOne();
        return held;
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
