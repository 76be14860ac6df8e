package io.tidemill.redis;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.workflow.WorkflowFailedException;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What can be done with workflows when Redis has no memory left. */
class FullRedisIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    /** One of them fails always. */
    public static class Numbers {

        @Task(queue = "numbers", retry = @Retry(maxAttempts = 1))
        public int breaks() {
            throw new IllegalStateException("broken");
        }

        @Task(queue = "numbers")
        public int one() {
            return 1;
        }

        @Task(queue = "numbers")
        public int sum(int one, int other) {
            return one + other;
        }
    }

    @Test
    void a_workflow_could_not_be_tried_again_nor_fail_nor_be_cancelled() {
        try (RedisServer server = RedisServer.start();
                RedisProbe probe = RedisProbe.of(server);
                TaskQueue queue = TaskQueue.builder()
                        .broker(RedisBroker.connect(server.uri()))
                        .tasks(new Numbers())
                        .start()) {
            WorkflowHandle<Integer> handle = queue.start(workflow(
                    "sum", w -> w.step(Numbers::sum, w.step(call(Numbers::breaks)), w.step(call(Numbers::one)))));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            assertThat(queue.admin().counts("numbers").waiting()).isEqualTo(1);
            probe.redis().configSet("maxmemory", "1");

            assertThat(handle.retry()).isEqualTo(1);
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            assertThat(handle.cancel()).isTrue();

            assertThat(handle.state()).contains(WorkflowState.CANCELLED);
            assertThat(queue.admin().counts("numbers").waiting()).isZero();
        }
    }
}
