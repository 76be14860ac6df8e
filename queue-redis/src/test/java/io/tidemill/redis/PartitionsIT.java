package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Broker;
import io.tidemill.broker.partition.PartitionedBroker;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.task.JobState;
import io.tidemill.task.Task;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisCluster;
import io.tidemill.text.JobIds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One queue on all nodes of a cluster. */
class PartitionsIT {

    private static final int PARTITIONS = 6;

    /** Work whose result tells that it was done. */
    public static final class Tasks {

        @Task
        public int doubled(int number) {
            return 2 * number;
        }
    }

    private final RedisCluster cluster = RedisCluster.shared();
    private final String queue = "parts-" + new JobIds(System::currentTimeMillis).next();

    private Broker broker() {
        return PartitionedBroker.of(RedisBroker.connect(cluster.uri()), Map.of(queue, PARTITIONS));
    }

    private List<String> parts() {
        List<String> parts = new ArrayList<>(List.of(queue));
        IntStream.range(1, PARTITIONS).forEach(i -> parts.add(queue + ":p" + i));
        return parts;
    }

    @Test
    void a_queue_uses_all_nodes_and_is_seen_as_one() throws Exception {
        try (TaskQueue producer = TaskQueue.builder().broker(broker()).start();
                RedisBroker below = RedisBroker.connect(cluster.uri())) {
            List<JobHandle<Object>> jobs = IntStream.range(0, 300)
                    .mapToObj(i -> producer.enqueue(Call.named("doubled", i).queue(queue)))
                    .toList();
            below.open();
            assertThat(parts())
                    .allSatisfy(
                            part -> assertThat(below.lists().counts(part).join().ready())
                                    .isPositive());
            TreeSet<Integer> nodes = new TreeSet<>();
            parts().forEach(part -> nodes.add(cluster.ownerOf(cluster.slot(RedisProbe.key(part, "ready")))));
            assertThat(nodes).as("nodes that hold partitions").hasSizeGreaterThan(1);
            assertThat(producer.admin().counts(queue).ready()).isEqualTo(300);

            try (TaskQueue worker = TaskQueue.builder()
                    .broker(broker())
                    .tasks(new Tasks())
                    .worker(WorkerOptions.defaults().withQueues(Set.of(queue)).withConcurrency(8))
                    .start()) {
                for (int i = 0; i < jobs.size(); i++) {
                    assertThat(jobs.get(i).await(Duration.ofSeconds(30))).isEqualTo(2 * i);
                }
                // An idle worker hears of a job in whatever partition.
                for (int i = 0; i < 20; i++) {
                    JobHandle<Object> job = producer.enqueue(
                            Call.named("doubled", i).queue(queue).delay(Duration.ofMillis(i)));
                    assertThat(job.await(Duration.ofSeconds(30))).isEqualTo(2 * i);
                }
                Waits.until(
                        "every end is recorded",
                        () -> worker.admin().counts(queue).succeeded() == 320);
                assertThat(worker.admin().list(queue, JobState.READY, 0, 10)).isEmpty();
            }
            for (String part : parts()) {
                RedisProbe.sharedCluster().checkInvariants(part);
            }
        }
    }
}
