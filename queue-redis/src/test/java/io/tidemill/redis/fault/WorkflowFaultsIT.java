package io.tidemill.redis.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.conformance.fault.Fault;
import io.tidemill.conformance.fault.FaultProxy;
import io.tidemill.conformance.fault.RandomFaults;
import io.tidemill.conformance.fault.RandomWorkflow;
import io.tidemill.redis.QueueDoctor;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.redis.Thorough;
import io.tidemill.redis.script.ScriptNames;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Workflows of random shapes run on Redis, behind proxies that lose answers, while a worker is cut off from Redis for
 * good in the middle of its work, as if it were killed. All of them end with what a plain evaluation says.
 */
@Tag(Thorough.TAG)
class WorkflowFaultsIT {

    private static final int WORKFLOWS = Integer.getInteger("tidemill.workflow.faults", Thorough.size(16, 1_000));
    private static final int AT_ONCE = Thorough.size(40, 125);

    /**
     * Besides the one that is cut off. A fault cuts the connection of one worker: where there are several, others go
     * on.
     */
    private static final int WORKERS = Thorough.size(1, 4);

    private static final long SEED = 20_261_122L;
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final List<Fault> FAULTS =
            List.of(Fault.LOST_REPLY, Fault.RESET, Fault.LOST_REPLY, Fault.DELAY, Fault.STRAGGLER);

    /** One in how many requests meets a fault. */
    private static final Map<String, Integer> RATES = Map.of(
            "claim", 30,
            "complete", 15,
            "follow", 10,
            "fill", 5,
            "places", 10,
            "outbox", 5,
            "delivered", 5,
            "end", 4);

    private final List<TaskQueue> queues = new ArrayList<>();
    private final List<FaultProxy> proxies = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start() {
        redis = RedisServer.start();
    }

    @AfterEach
    void stop() {
        // A worker that is cut off cannot say goodbye: its proxy is closed, so its requests fail at once.
        queues.forEach(TaskQueue::close);
        proxies.forEach(FaultProxy::close);
        redis.close();
    }

    private FaultProxy worker(long seed) {
        FaultProxy proxy = FaultProxy.to(redis.port(), ScriptNames.byDigest());
        proxies.add(proxy);
        proxy.plan(new RandomFaults(seed, FAULTS, RATES));
        proxy.stragglersAfter(Duration.ofMillis(10), Duration.ofMillis(300));
        queues.add(TaskQueue.builder()
                .broker(RedisBroker.connect(
                        proxy.uri(), RedisOptions.defaults().withRequestTimeout(Duration.ofSeconds(4))))
                .tasks(new RandomWorkflow.Tasks())
                .worker(WorkerOptions.defaults()
                        .withQueues(Set.copyOf(RandomWorkflow.QUEUES))
                        .withConcurrency(8)
                        .withLease(LEASE)
                        .withDrainTimeout(Duration.ofMillis(200)))
                .start());
        return proxy;
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void all_workflows_end_with_what_a_plain_evaluation_gives() throws Exception {
        TaskQueue client =
                TaskQueue.builder().broker(RedisBroker.connect(redis.uri())).start();
        queues.add(client);
        for (int i = 0; i < WORKERS; i++) {
            worker(SEED - i);
        }
        for (int from = 0; from < WORKFLOWS; from += AT_ONCE) {
            FaultProxy victim = worker(SEED + from + 1);
            int to = Math.min(WORKFLOWS, from + AT_ONCE);
            List<WorkflowHandle<List<Integer>>> handles = new ArrayList<>();
            for (int seed = from; seed < to; seed++) {
                handles.add(client.start(RandomWorkflow.of(seed).workflow()));
            }
            handles.get(0).await(PATIENCE);
            victim.close();
            for (int seed = from; seed < to; seed++) {
                assertThat(handles.get(seed - from).await(PATIENCE))
                        .as("seed %d", seed)
                        .isEqualTo(RandomWorkflow.of(seed).expected());
            }
            TaskQueue dead = queues.remove(queues.size() - 1);
            dead.close();
        }
        assertThat(proxies.stream()
                        .mapToLong(each -> each.count("follow", Fault.LOST_REPLY))
                        .sum())
                .isPositive();
        try (QueueDoctor doctor = QueueDoctor.connect(redis.uri(), "tm")) {
            for (String queue : RandomWorkflow.QUEUES) {
                assertThat(doctor.examine(queue)).as(queue).isEmpty();
            }
        }
    }
}
