package io.tidemill.redis.fault;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.Thorough;
import io.tidemill.task.Task;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A map with as many elements as one may have. */
@Tag(Thorough.TAG)
class LargeMapIT {

    private static final int ELEMENTS = Integer.getInteger("tidemill.map.elements", Thorough.size(20_000, 100_000));

    /** Numbers. */
    public static class Numbers {

        @Task(queue = "a", timeout = "10m")
        public List<Integer> upTo(int most) {
            return IntStream.range(0, most).boxed().toList();
        }

        @Task(queue = "a", timeout = "10m")
        public int next(int number) {
            return number + 1;
        }

        @Task(queue = "b", timeout = "10m")
        public long sum(List<Integer> numbers) {
            return IntStream.range(0, numbers.size()).allMatch(i -> numbers.get(i) == i + 1)
                    ? numbers.stream().mapToLong(Integer::longValue).sum()
                    : -1;
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void gives_what_its_elements_give_in_their_order() throws Exception {
        try (RedisServer redis = RedisServer.start();
                TaskQueue queue = TaskQueue.builder()
                        .broker(RedisBroker.connect(redis.uri()))
                        .tasks(new Numbers())
                        .start()) {
            WorkflowHandle<Long> handle = queue.start(workflow(
                    "large", w -> w.step(Numbers::sum, w.map(Numbers::next, w.step(call(Numbers::upTo, ELEMENTS))))));
            assertThat(handle.await(Duration.ofMinutes(14))).isEqualTo((long) ELEMENTS * (ELEMENTS + 1) / 2);
        }
    }
}
