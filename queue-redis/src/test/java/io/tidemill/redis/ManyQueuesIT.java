package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.client.Call;
import io.tidemill.task.Task;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A process that serves hundreds of queues, and queues with hundreds of leases and groups. */
class ManyQueuesIT {

    private static final int QUEUES = 400;
    private static final long QUIET_NANOS = Duration.ofMillis(500).toNanos();
    private static final int FEW_CALLS = 200;

    private static RedisServer server;
    private static RedisProbe probe;

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        probe = RedisProbe.of(server);
    }

    @AfterAll
    static void end() {
        probe.close();
        server.close();
    }

    public static final class Tasks {

        private final CountDownLatch ran = new CountDownLatch(1);

        @Task
        public void run() {
            ran.countDown();
        }

        void await() throws InterruptedException {
            assertThat(ran.await(20, TimeUnit.SECONDS)).as("the job ran").isTrue();
        }
    }

    private static Set<String> names(String prefix) {
        return IntStream.range(0, QUEUES).mapToObj(i -> prefix + i).collect(Collectors.toSet());
    }

    private static TaskQueue serving(Set<String> queues, Tasks tasks) {
        WorkerOptions options = WorkerOptions.defaults()
                .withQueues(queues)
                .withConcurrency(3)
                // Ten times the time that tests wait: what is found is found by other ways.
                .withPollInterval(Duration.ofMinutes(1))
                .withLease(Duration.ofSeconds(1));
        return TaskQueue.builder()
                .broker(RedisBroker.connect(server.uri()))
                .tasks(tasks)
                .worker(options)
                .start();
    }

    private static void enqueue(String queue) {
        try (TaskQueue producer =
                TaskQueue.builder().broker(RedisBroker.connect(server.uri())).start()) {
            producer.enqueue(Call.call(Tasks::run).queue(queue));
        }
    }

    /** Lanes that share few slots do not wake each other for ever. */
    @Test
    void after_the_start_there_is_quiet_and_a_job_of_any_queue_runs() throws Exception {
        Tasks tasks = new Tasks();
        try (TaskQueue queue = serving(names("quiet-"), tasks)) {
            long[] last = {System.nanoTime(), calls()};
            Waits.until("few calls are made in half a second", () -> {
                if (System.nanoTime() - last[0] < QUIET_NANOS) {
                    return false;
                }
                long made = calls() - last[1];
                last[0] = System.nanoTime();
                last[1] = calls();
                return made < FEW_CALLS;
            });
            enqueue("quiet-377");
            tasks.await();
        }
    }

    @Test
    void a_job_is_found_whose_hint_was_lost() throws Exception {
        Tasks tasks = new Tasks();
        try (TaskQueue queue = serving(names("lost-"), tasks)) {
            String waiting = RedisProbe.key("lost-5", "waiting");
            Waits.until("the worker waits to be woken", () -> probe.redis().zcard(waiting) == 1);
            probe.redis().del(waiting);
            enqueue("lost-5");
            tasks.await();
        }
    }

    @Test
    void nobody_waits_and_nobody_listens_after_the_end() {
        try (TaskQueue queue = serving(names("gone-"), new Tasks())) {
            Waits.until(
                    "the worker waits everywhere",
                    () -> names("gone-").stream()
                            .allMatch(name -> probe.redis().zcard(RedisProbe.key(name, "waiting")) == 1));
        }
        Waits.until(
                "no channel is heard",
                () -> probe.redis().pubsubChannels("*gone-*").isEmpty());
        assertThat(names("gone-")).allMatch(name -> probe.redis().exists(RedisProbe.key(name, "waiting")) == 0);
    }

    /** Beyond a thousand of them they are not counted one by one. */
    @Test
    void jobs_in_many_leases_and_groups_are_counted() throws Exception {
        try (RedisBroker broker = RedisBroker.connect(server.uri())) {
            broker.open();
            fill(broker, "many", 1200, "");
            List<CompletableFuture<?>> claims = new ArrayList<>();
            for (int i = 0; i < 1150; i++) {
                claims.add(broker.claim("many", new ClaimRequest("w", "w:" + i, 1, 600_000)));
            }
            CompletableFuture.allOf(claims.toArray(CompletableFuture<?>[]::new)).get(20, TimeUnit.SECONDS);
            assertThat(broker.lists().counts("many").get(20, TimeUnit.SECONDS).active())
                    .isEqualTo(1150);
            assertThat(broker.lists().counts("many").get(20, TimeUnit.SECONDS).ready())
                    .isEqualTo(50);

            fill(broker, "groups", 1200, "g");
            List<Claim> one = broker.claim("groups", new ClaimRequest("w", "w:1", 1, 600_000))
                    .get(20, TimeUnit.SECONDS)
                    .claims();
            assertThat(one).hasSize(1);
            assertThat(broker.lists().counts("groups").get(20, TimeUnit.SECONDS).ready())
                    .isEqualTo(1199);
            assertThat(broker.lists().counts("groups").get(20, TimeUnit.SECONDS).active())
                    .isOne();
        }
    }

    private static void fill(RedisBroker broker, String queue, int jobs, String group) throws Exception {
        for (int from = 0; from < jobs; from += 200) {
            int first = from;
            List<NewJob> slice = IntStream.range(0, 200)
                    .mapToObj(i -> {
                        NewJob job = NewJob.now("job-" + (first + i), new byte[] {1}, 4);
                        return group.isEmpty() ? job : job.with(JobConstraints.NONE.withGroup(group + (first + i)));
                    })
                    .toList();
            broker.enqueue(queue, slice).get(20, TimeUnit.SECONDS);
        }
    }

    private static long calls() {
        return probe.redis()
                .info("stats")
                .lines()
                .filter(line -> line.startsWith("total_commands_processed:"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1)))
                .sum();
    }
}
