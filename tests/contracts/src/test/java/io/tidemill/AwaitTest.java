package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.LookUp;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.JobHandle;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Task;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What a caller of {@code await} and of {@code start} gets when things do not answer or are not given. */
class AwaitTest {

    public static final class Tasks {

        @Task
        public int one() {
            return 1;
        }
    }

    @Test
    void await_returns_in_time_from_a_broker_that_does_not_answer() {
        LookUp silent = (queue, id, isAwaited, receipt) -> new CompletableFuture<>();
        Broker broker = new DelegatingBroker(new MemoryBroker()) {
            @Override
            public LookUp lookUp() {
                return silent;
            }
        };
        try (TaskQueue queue = TaskQueue.builder().broker(broker).start()) {
            JobHandle<Integer> job = queue.enqueue(Tasks::one);
            long began = System.nanoTime();

            assertThatThrownBy(() -> job.await(Duration.ofMillis(100)))
                    .isInstanceOf(AwaitTimeoutException.class)
                    .hasMessageEndingWith("its state is not known, as the broker does not answer");

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    void who_is_interrupted_while_he_awaits_several_jobs_waits_no_longer() {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            JobHandle<Integer> job = queue.enqueue(Tasks::one);
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> queue.awaitAll(List.of(job), Duration.ofDays(1)))
                    .isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void no_job_at_all_is_awaited_at_once_and_a_wrong_time_is_refused() throws Exception {
        try (TaskQueue queue = TaskQueue.builder().start()) {
            assertThat(queue.awaitAll(List.<JobHandle<Integer>>of(), Duration.ofDays(1)))
                    .isEmpty();
            assertThatThrownBy(() -> queue.awaitAll(List.<JobHandle<Integer>>of(), Duration.ofDays(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("timeout must be between 0");
        }
    }

    @Test
    void a_start_that_is_refused_closes_the_broker_that_was_given() {
        AtomicBoolean closed = new AtomicBoolean();
        Broker broker = new DelegatingBroker(new MemoryBroker()) {
            @Override
            public void close() {
                closed.set(true);
                super.close();
            }
        };
        TaskQueueBuilder wrong = TaskQueue.builder().broker(broker).concurrency(-1);

        assertThatThrownBy(wrong::start).isInstanceOf(ConfigurationException.class);

        assertThat(closed).isTrue();
    }

    @Test
    void nothing_may_be_given_as_null() {
        TaskQueueBuilder builder = TaskQueue.builder();
        assertThatThrownBy(() -> builder.seal(null)).hasMessage("seal must not be null");
        assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener must not be null");
        assertThatThrownBy(() -> builder.handle("h", String.class, null)).hasMessage("handler must not be null");
        assertThatThrownBy(() -> builder.retry(null)).hasMessage("retry must not be null");
    }
}
