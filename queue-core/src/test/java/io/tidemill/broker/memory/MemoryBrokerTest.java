package io.tidemill.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.NewJob;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What only the in-memory broker promises; the rest is the contract of all brokers, in queue-conformance. */
class MemoryBrokerTest {

    private final MemoryBroker broker = new MemoryBroker();

    @Test
    void futures_are_complete_when_they_are_returned() {
        assertThat(broker.enqueue("q", List.of(NewJob.now("a", new byte[0], 4))))
                .isCompleted();
        assertThat(broker.claim("q", new ClaimRequest("w", "t", 1, 1000))).isCompleted();
        assertThat(broker.lists().counts("q")).isCompleted();
    }

    @Test
    void batches_that_are_too_small_or_too_large_are_refused() {
        NewJob job = NewJob.now("a", new byte[0], 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> broker.enqueue("q", List.of()))
                .withMessage("jobs must be 1 to 1000, got 0");
        assertThatIllegalArgumentException().isThrownBy(() -> broker.enqueue("q", Collections.nCopies(1001, job)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> broker.claim("q", new ClaimRequest("w", "t", 1001, 1000)))
                .withMessage("claim limit must be 1 to 1000, got 1001");
        assertThatIllegalArgumentException().isThrownBy(() -> broker.sweeps().promote("q", 0));
        assertThatIllegalArgumentException().isThrownBy(() -> broker.leases().extend("q", List.of(), 1));
        assertThat(broker.lists().counts("q").join().accepted()).isZero();
    }

    @Test
    void only_states_that_jobs_are_kept_in_can_be_listed() {
        assertThatIllegalArgumentException().isThrownBy(() -> broker.lists().list("q", JobState.EXPIRED, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> broker.lists().list("q", JobState.CANCELLED, 0, 1));
    }

    @Test
    void closed_it_can_neither_be_opened_nor_listened_to() {
        broker.close();

        assertThatThrownBy(broker::open).isInstanceOf(BrokerException.class);
        assertThatThrownBy(() -> broker.listen(null, Set.of(), new Listener(() -> {})))
                .isInstanceOf(BrokerException.class);
    }

    @Test
    void a_listener_may_wait_for_another_thread_that_uses_the_queue() {
        AtomicReference<Long> ready = new AtomicReference<>();
        broker.listen("w", Set.of("q"), new Listener(() -> ready.set(countFromAnotherThread())));

        broker.enqueue("q", List.of(NewJob.now("a", new byte[0], 4)));

        assertThat(ready).hasValue(1L);
    }

    /** Waits for ever if the caller holds the lock of the queue. */
    private long countFromAnotherThread() {
        try {
            return CompletableFuture.supplyAsync(
                            () -> broker.lists().counts("q").join().ready())
                    .get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_closed_subscription_hears_nothing_and_others_go_on() {
        AtomicReference<String> heard = new AtomicReference<>("");
        BrokerListener a = new Listener(() -> heard.accumulateAndGet("a", String::concat));
        broker.listen("w", Set.of("q"), a);
        broker.listen("w", Set.of("q"), a).close();
        broker.listen("w", Set.of("other"), new Listener(() -> heard.set("wrong queue")));

        broker.enqueue("q", List.of(NewJob.now("a", new byte[0], 4)));

        assertThat(heard).hasValue("a");
    }

    private record Listener(Runnable onReady) implements BrokerListener {

        @Override
        public void ready(String queue) {
            onReady.run();
        }

        @Override
        public void finished(String queue, String id) {}

        @Override
        public void cancelRequested(String queue, String id) {}
    }
}
