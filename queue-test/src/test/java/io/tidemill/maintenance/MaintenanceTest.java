package io.tidemill.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.event.Events;
import io.tidemill.test.DelegatingBroker;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MaintenanceTest {

    @Test
    void a_sweep_goes_on_while_more_leases_have_ended_even_if_a_call_brought_nothing_to_tell() throws Exception {
        assertThat(recoversOfASweep(3)).isEqualTo(3);
    }

    @Test
    void a_sweep_ends_after_a_hundred_calls() throws Exception {
        assertThat(recoversOfASweep(Integer.MAX_VALUE)).isEqualTo(100);
    }

    /** How often the first sweep recovers when so many calls in a row are needed. */
    private static int recoversOfASweep(int needed) throws Exception {
        AtomicInteger recovers = new AtomicInteger();
        AtomicInteger ofFirstSweep = new AtomicInteger();
        AtomicInteger promotes = new AtomicInteger();
        CountDownLatch secondSweep = new CountDownLatch(1);
        DelegatingBroker broker = new DelegatingBroker(new MemoryBroker(Clock.system())) {
            @Override
            public CompletableFuture<Integer> promote(String queue, int limit) {
                if (promotes.incrementAndGet() == 2) {
                    ofFirstSweep.set(recovers.get());
                    secondSweep.countDown();
                }
                return CompletableFuture.completedFuture(0);
            }

            @Override
            public CompletableFuture<RecoverReply> recover(
                    String queue, int limit, int maxExpirations, byte[] failure) {
                boolean more = recovers.incrementAndGet() < needed;
                return CompletableFuture.completedFuture(new RecoverReply(List.of(), List.of(), more));
            }
        };
        Maintenance maintenance = new Maintenance(
                broker,
                Set.of("q"),
                Duration.ofSeconds(1),
                3,
                new Events(List.of()),
                Clock.system(),
                Runnable::run);
        maintenance.start();
        try {
            assertThat(secondSweep.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            maintenance.stop();
            broker.close();
        }
        return ofFirstSweep.get();
    }
}
