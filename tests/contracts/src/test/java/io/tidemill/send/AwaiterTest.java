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
import io.tidemill.task.JobState;
import io.tidemill.test.FakeClock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AwaiterTest {

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

    @Test
    void a_completion_that_its_caller_cancelled_was_looked_after_for_ever() {
        AtomicInteger looks = new AtomicInteger();
        DelegatingBroker counting = new DelegatingBroker(new MemoryBroker(clock)) {
            @Override
            public CompletableFuture<Optional<JobSnapshot>> find(
                    String queue, String id, boolean tell, @Nullable String receipt) {
                looks.incrementAndGet();
                return CompletableFuture.completedFuture(Optional.of(JobSnapshot.ended("id", JobState.ACTIVE, null)));
            }
        };
        Awaiter awaiter = new Awaiter(counting, null, new Payloads(new JsonPayloadCodec(), null), clock, Runnable::run);
        CompletableFuture<Object> first = awaiter.result("q", "id", Object.class, null);
        CompletableFuture<Object> second = awaiter.result("q", "id", Object.class, null);
        assertThat(looks).as("two who wait for one job ask once").hasValue(1);

        first.cancel(false);
        awaiter.hint("q", "id");
        assertThat(looks).as("the second one still waits").hasValue(2);
        second.completeExceptionally(new TimeoutException("orTimeout"));
        awaiter.hint("q", "id");
        assertThat(looks).as("nobody waits any more").hasValue(2);
    }
}
