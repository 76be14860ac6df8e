package io.tidemill.maintenance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.task.Retention;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An error in a sweep ends neither the sweep of other queues nor the next one. */
class SweepErrorsTest extends MaintenanceHarness {

    /** Where a sweep can meet an error of the machine. */
    enum Seam {
        SURVEY,
        EXPIRE,
        PROMOTE,
        RECOVER,
        READY,
        EXECUTOR,
        LISTENER
    }

    @ParameterizedTest
    @EnumSource(Seam.class)
    void an_error_in_a_sweep_does_not_end_the_sweeping(Seam seam) throws Exception {
        FakeClock time = new FakeClock();
        AtomicBoolean hasThrown = new AtomicBoolean();
        MemoryBroker store = new MemoryBroker(time);
        Broker moody = new DelegatingBroker(store) {
            @Override
            public CompletableFuture<List<Survey>> survey(List<String> queues) {
                throwOnceAt(Seam.SURVEY);
                return CompletableFuture.completedFuture(queues.stream()
                        .map(queue -> new Survey(true, true, false))
                        .toList());
            }

            @Override
            public CompletableFuture<List<JobBrief>> expire(String queue, int limit) {
                throwOnceAt(Seam.EXPIRE);
                return super.expire(queue, limit);
            }

            @Override
            public CompletableFuture<Integer> promote(String queue, int limit) {
                throwOnceAt(Seam.PROMOTE);
                return super.promote(queue, limit);
            }

            @Override
            public CompletableFuture<RecoverReply> recover(String queue, int limit, int most, byte[] failure) {
                throwOnceAt(Seam.RECOVER);
                return super.recover(queue, limit, most, failure);
            }

            private void throwOnceAt(Seam here) {
                throwOnce(here == seam, hasThrown);
            }
        };
        Recorder told = new Recorder();
        Maintenance other = new Maintenance(
                moody,
                Set.of("q"),
                LEASE,
                3,
                new Trimmer(moody, time, Set.of("q"), Retention.DEFAULT, Map.of()),
                queue -> throwOnce(seam == Seam.READY, hasThrown),
                new Observers(List.of(event -> throwOnce(seam == Seam.LISTENER, hasThrown), told), List.of(), clock),
                time,
                task -> {
                    throwOnce(seam == Seam.EXECUTOR, hasThrown);
                    task.run();
                });
        store.enqueue("q", List.of(job("first"))).join();
        claimAndLeave(store, time, "token1");
        other.start();
        try {
            Waits.until("the error was thrown", () -> {
                time.awaitWaiters(1);
                time.advance(Duration.ofSeconds(3));
                return hasThrown.get();
            });
            time.awaitWaiters(1);
            int before = told.events(QueueEvent.Recovered.class).size();
            store.enqueue("q", List.of(job("second"))).join();
            claimAndLeave(store, time, "token2");
            Waits.until("a lease that ended later is found", () -> {
                time.awaitWaiters(1);
                time.advance(Duration.ofSeconds(3));
                return told.events(QueueEvent.Recovered.class).size() > before;
            });
        } finally {
            other.stop();
        }
    }

    private static void throwOnce(boolean isHere, AtomicBoolean hasThrown) {
        if (isHere && hasThrown.compareAndSet(false, true)) {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }
}
