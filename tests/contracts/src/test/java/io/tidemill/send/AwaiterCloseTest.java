package io.tidemill.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.record.Payloads;
import io.tidemill.test.FakeClock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AwaiterCloseTest {

    private final FakeClock clock = new FakeClock();

    @Test
    void a_completion_that_is_asked_for_while_the_queue_closes_fails() {
        AtomicReference<Awaiter> awaiter = new AtomicReference<>();
        AtomicBoolean isListening = new AtomicBoolean();
        // Between the look whether it is stopped and the entry of the one who waits.
        DelegatingBroker closing = new DelegatingBroker(new MemoryBroker(clock)) {
            @Override
            public Subscription listen(String worker, Set<String> queues, BrokerListener listener) {
                awaiter.get().stop();
                isListening.set(true);
                return () -> isListening.set(false);
            }

            @Override
            public CompletableFuture<Optional<JobSnapshot>> find(
                    String queue, String id, boolean tell, @Nullable String receipt) {
                return new CompletableFuture<>();
            }
        };
        awaiter.set(new Awaiter(closing, null, new Payloads(new JsonPayloadCodec(), null), clock, Runnable::run));
        awaiter.get().start();

        CompletableFuture<Object> result = awaiter.get().result("q", "id", Object.class, null);

        assertThatThrownBy(() -> result.get(20, TimeUnit.SECONDS)).hasRootCauseMessage("the TaskQueue was closed");
        assertThat(isListening).as("nothing is left behind").isFalse();
    }
}
