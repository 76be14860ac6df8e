package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.ClaimRequest;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.task.JobState;
import io.tidemill.worker.WorkerHarness.Gate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs that wait for a place among the runs of their task. */
class PlaceTest {

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    private void advanceRenewals(int count) {
        for (int i = 0; i < count; i++) {
            engine.advance(WorkerHarness.RENEWAL);
        }
    }

    @Test
    void the_wait_for_a_place_counts_neither_as_duration_nor_against_the_timeout() throws Exception {
        engine.concurrency.put("limited", 1);
        engine.started(2);
        Gate first = engine.gate("first");
        engine.enqueue("first", "limited");
        first.awaitBegun();
        Gate second = engine.gate("second");
        engine.enqueue("second", "limited");
        engine.awaitRunning(2);

        advanceRenewals(2);
        first.open();
        second.awaitBegun();
        // Its place is free before its duration is taken: time stands still until both are done.
        engine.events.await(QueueEvent.Succeeded.class, 1);
        advanceRenewals(2);
        second.open();

        List<QueueEvent.Succeeded> ended = engine.events.await(QueueEvent.Succeeded.class, 2);
        assertThat(ended)
                .extracting(QueueEvent.Succeeded::took)
                .containsExactly(Duration.ofSeconds(20), Duration.ofSeconds(20));
        RunInfo early = runOf("first", ended);
        RunInfo late = runOf("second", ended);
        assertThat(Objects.requireNonNull(late.waited()).minus(Objects.requireNonNull(early.waited())))
                .as("the second waited for as long as the first ran")
                .isEqualTo(Duration.ofSeconds(20));
    }

    /** The events of two runs may come in any order. */
    private static RunInfo runOf(String job, List<QueueEvent.Succeeded> ended) {
        return ended.stream()
                .filter(event -> event.jobId().equals(job))
                .findFirst()
                .orElseThrow()
                .run();
    }

    @Test
    void a_run_that_got_no_place_has_run_for_no_time() throws Exception {
        engine.concurrency.put("run", 1);
        Worker worker = engine.started(2);
        Gate first = engine.gate("first");
        engine.enqueue("first");
        first.awaitBegun();
        engine.enqueue("second");
        engine.awaitRunning(2);
        engine.advance(Duration.ofSeconds(5));

        CompletableFuture<Void> stopped = WorkerHarness.stopping(worker);
        QueueEvent.Released back =
                engine.events.await(QueueEvent.Released.class, 1).get(0);
        first.open();

        assertThat(back.run().took()).isEqualTo(Duration.ZERO);
        stopped.join();
    }

    /** Only at its place it can kill the process, and those that run beside it. */
    @Test
    void a_job_that_lost_its_lease_again_and_again_is_alone_from_when_it_gets_its_place() throws Exception {
        engine.concurrency.put("run", 1);
        engine.started(2);
        Gate first = engine.gate("first");
        Gate filler = engine.gate("filler");
        engine.enqueue("first");
        engine.enqueue("filler", "limited");
        first.awaitBegun();
        filler.awaitBegun();
        Gate suspect = engine.gate("suspect");
        engine.enqueue("suspect");
        for (int lost = 0; lost < 2; lost++) {
            ClaimRequest request = new ClaimRequest("other", "lease" + lost, 1, 1);
            engine.memory.claim(WorkerHarness.QUEUE, request).join();
            engine.advance(Duration.ofSeconds(1));
            engine.memory
                    .sweeps()
                    .recover(WorkerHarness.QUEUE, 10, 9, new byte[0])
                    .join();
        }
        filler.open();
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(engine.find("suspect").state()).isEqualTo(JobState.ACTIVE);
        engine.awaitRunning(2);

        advanceRenewals(13);
        first.open();
        suspect.awaitBegun();
        engine.events.await(QueueEvent.Succeeded.class, 2);
        engine.enqueue("near", "value");
        engine.advance(WorkerHarness.RENEWAL);
        assertThat(engine.find("near").state())
                .as("nothing new beside it, however long it waited")
                .isEqualTo(JobState.READY);

        advanceRenewals(13);
        assertThat(engine.events.await(QueueEvent.Succeeded.class, 3).get(2).jobId())
                .isEqualTo("near");
        suspect.open();
    }
}
