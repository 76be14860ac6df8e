package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.task.BrokerException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What callers are told who wait while their queue is closed. */
class CloseTest {

    /** Answers no enqueue before it is closed, as a broker whose server has gone away. */
    private static final class Silent extends DelegatingBroker {

        private final List<CompletableFuture<?>> unanswered = new CopyOnWriteArrayList<>();

        private volatile boolean closed;

        Silent() {
            super(new MemoryBroker());
        }

        @Override
        public CompletableFuture<List<EnqueueReply>> enqueue(String queue, List<NewJob> jobs) {
            if (closed) {
                return super.enqueue(queue, jobs);
            }
            CompletableFuture<List<EnqueueReply>> reply = new CompletableFuture<>();
            unanswered.add(reply);
            return reply;
        }

        @Override
        public void close() {
            closed = true;
            super.close();
            unanswered.forEach(reply -> reply.completeExceptionally(
                    new BrokerException(BrokerException.Outcome.UNKNOWN, "the broker was closed", null)));
        }
    }

    @Test
    void whoever_waits_for_an_enqueue_is_told_when_the_queue_is_closed() {
        TaskQueue queue = TaskQueue.builder().broker(new Silent()).start();
        CompletableFuture<JobHandle<Object>> inFlight = queue.enqueueAsync(Call.named("a"));
        CompletableFuture<JobHandle<Object>> waiting = queue.enqueueAsync(Call.named("b"));

        queue.close();

        assertThatThrownBy(() -> inFlight.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(BrokerException.class);
        assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
    }

    @Test
    void whoever_awaits_a_job_is_told_when_the_queue_is_closed() {
        TaskQueue queue = TaskQueue.builder().start();
        CompletableFuture<Object> completion = queue.enqueue("a").completion();

        queue.close();

        assertThatThrownBy(() -> completion.get(20, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("the TaskQueue was closed");
    }

    @Test
    void whoever_comes_after_it_was_closed_is_told() {
        TaskQueue queue = TaskQueue.builder().start();
        JobHandle<Object> job = queue.enqueue("a");
        queue.close();
        queue.close();

        assertThatIllegalStateException().isThrownBy(() -> queue.enqueue("b")).withMessage("this TaskQueue was closed");
        assertThatThrownBy(() -> job.await(Duration.ofSeconds(20))).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> queue.admin().counts("default")).isInstanceOf(BrokerException.class);
        assertThat(queue.toString()).isNotNull();
    }
}
