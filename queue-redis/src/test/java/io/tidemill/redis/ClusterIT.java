package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.Call;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisCluster;
import io.tidemill.test.redis.RedisServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is different on a cluster: queues on several nodes, slots that move, nodes that each have to be looked at. */
class ClusterIT {

    private static final AtomicInteger WRITES = new AtomicInteger();

    private static RedisCluster cluster;

    /** Remembers how often each number was worked on. */
    public static final class Counting {

        final ConcurrentHashMap<Integer, AtomicInteger> runs = new ConcurrentHashMap<>();

        @Task(name = "count", queue = "moved")
        public void count(int number) {
            runs.computeIfAbsent(number, n -> new AtomicInteger()).incrementAndGet();
        }
    }

    @BeforeAll
    static void start() {
        cluster = RedisCluster.start();
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void a_slot_that_moves_key_by_key_under_load_loses_no_job_and_runs_none_twice() throws Exception {
        int slot = cluster.slot("tm:{moved}:ready");
        Counting counting = new Counting();
        try (TaskQueue worker = TaskQueue.builder()
                        .broker(RedisBroker.connect(cluster.uri()))
                        .tasks(counting)
                        .concurrency(20)
                        .start();
                TaskQueue producer = TaskQueue.builder()
                        .broker(RedisBroker.connect(cluster.uri()))
                        .start();
                QueueDoctor doctor = QueueDoctor.connect(cluster.uri(), "tm")) {
            AtomicInteger acknowledged = new AtomicInteger();
            AtomicBoolean producing = new AtomicBoolean(true);
            Thread thread = new Thread(
                    () -> {
                        while (producing.get()) {
                            producer.enqueue(
                                    Call.named("count", acknowledged.get() + 1).queue("moved"));
                            acknowledged.incrementAndGet();
                        }
                    },
                    "producer");
            thread.start();
            for (int round = 1; round <= 3; round++) {
                int more = acknowledged.get() + 200;
                Waits.until("200 more jobs are stored", () -> acknowledged.get() >= more);
                RedisCluster.SlotMove move = cluster.move(slot, (cluster.ownerOf(slot) + 1) % cluster.size());
                for (int key = 0; key < 5; key++) {
                    move.keys(1);
                }
                move.finish();
            }
            int more = acknowledged.get() + 200;
            Waits.until("200 jobs are stored after the last move", () -> acknowledged.get() >= more);
            producing.set(false);
            thread.join();

            Waits.until("every job has run", () -> counting.runs.size() == acknowledged.get());
            Waits.until(
                    "every end is recorded",
                    () -> worker.admin().counts("moved").succeeded() == acknowledged.get());

            QueueCounts counts = worker.admin().counts("moved");
            assertThat(counts.accepted()).isEqualTo(acknowledged.get());
            assertThat(counting.runs.values())
                    .allSatisfy(runs -> assertThat(runs).hasValue(1));
            assertThat(doctor.examine("moved")).isEmpty();
        }
    }

    @Test
    void schedules_that_two_processes_fire_while_their_slot_moves_key_by_key_fire_each_time_once() throws Exception {
        String queue = "moving-schedules";
        List<String> names = List.of("a", "b", "c", "d");
        Set<String> accepted = ConcurrentHashMap.newKeySet();
        AtomicInteger doubled = new AtomicInteger();
        AtomicBoolean firing = new AtomicBoolean(true);
        try (RedisBroker one = open();
                RedisBroker two = open();
                RedisProbe probe = RedisProbe.of(cluster)) {
            for (String name : names) {
                one.schedules().write(queue, Optional.empty(), fired(name, 0)).join();
            }
            List<Thread> threads = Stream.of(one, two)
                    .map(broker -> new Thread(
                            () -> {
                                while (firing.get()) {
                                    fireDue(broker, queue, accepted, doubled);
                                }
                            },
                            "firing"))
                    .toList();
            threads.forEach(Thread::start);
            int slot = cluster.slot("tm:{" + queue + "}:ready");
            for (int round = 1; round <= 3; round++) {
                int more = accepted.size() + 20;
                Waits.until("20 more have fired", () -> accepted.size() >= more);
                RedisCluster.SlotMove move = cluster.move(slot, (cluster.ownerOf(slot) + 1) % cluster.size());
                for (int key = 0; key < 5; key++) {
                    move.keys(1);
                }
                move.finish();
            }
            int more = accepted.size() + 20;
            Waits.until("20 more have fired after the last move", () -> accepted.size() >= more);
            firing.set(false);
            for (Thread thread : threads) {
                thread.join();
            }

            Set<String> expected = new TreeSet<>();
            for (String name : names) {
                int times = times(one.schedules().find(queue, name).join().orElseThrow());
                IntStream.rangeClosed(1, times).forEach(n -> expected.add(name + "@" + n));
            }
            assertThat(probe.recorded(queue)).as("a job for each time").isEqualTo(expected);
            assertThat(new TreeSet<>(accepted)).as("each was acknowledged").isEqualTo(expected);
            assertThat(doubled).hasValue(0);
            assertThat(one.schedules().queues().join()).contains(queue);
            probe.checkInvariants(queue);
        }
    }

    /** Held for so short a time that the others come across the same ones. */
    private static void fireDue(RedisBroker broker, String queue, Set<String> accepted, AtomicInteger doubled) {
        for (StoredSchedule due : broker.schedules().take(queue, 10, 1).join().schedules()) {
            int times = times(due) + 1;
            String id = due.name() + "@" + times;
            ScheduleStep step = new ScheduleStep(due.revision(), fired(due.name(), times));
            NewJob job = NewJob.now(id, new byte[0], 4).with(JobConstraints.NONE.withStep(step));
            EnqueueReply reply = broker.enqueue(queue, List.of(job)).join().get(0);
            if (reply instanceof EnqueueReply.Accepted && !accepted.add(id)) {
                doubled.incrementAndGet();
            }
        }
    }

    /** Everybody who writes it makes another revision. */
    private static StoredSchedule fired(String name, int times) {
        String revision = times + "-" + WRITES.incrementAndGet();
        return new StoredSchedule(name, revision, 1, new byte[] {1});
    }

    private static int times(StoredSchedule schedule) {
        return Integer.parseInt(schedule.revision().split("-", 2)[0]);
    }

    @Test
    void a_worker_is_woken_also_after_the_slot_of_its_queue_has_moved() {
        int slot = cluster.slot("tm:{woken}:ready");
        AtomicInteger woken = new AtomicInteger();
        try (RedisBroker worker = open();
                RedisBroker producer = open()) {
            worker.listen("w1", Set.of("woken"), new Woken(woken));
            cluster.moveSlot(slot, (cluster.ownerOf(slot) + 1) % cluster.size());
            ClaimRequest request = new ClaimRequest("w1", "t1", 1, 60_000);
            assertThat(worker.claim("woken", request).join().claims()).isEmpty();
            int before = woken.get();

            producer.enqueue("woken", List.of(NewJob.now("one", new byte[0], 4)))
                    .join();

            Waits.until("the worker is woken", () -> woken.get() > before);
            assertThat(worker.claim("woken", request).join().claims()).hasSize(1);
        }
    }

    @Test
    void queues_are_spread_over_all_nodes_and_all_are_listed() {
        List<String> queues = IntStream.range(0, 30).mapToObj(i -> "spread" + i).toList();
        try (RedisBroker broker = open()) {
            for (String queue : queues) {
                broker.enqueue(queue, List.of(NewJob.now("one", new byte[0], 4)))
                        .join();
            }

            for (String queue : queues) {
                assertThat(broker.lists().counts(queue).join().ready())
                        .as(queue)
                        .isEqualTo(1);
            }
            Waits.until(
                    "all queues are listed",
                    () -> broker.operations().queues().join().containsAll(queues));
        }
        Set<Integer> owners = new TreeSet<>();
        queues.forEach(queue -> owners.add(cluster.ownerOf(cluster.slot("tm:{" + queue + "}:ready"))));
        assertThat(owners).containsExactly(0, 1, 2);
    }

    @Test
    void any_node_and_several_are_an_address_and_one_of_them_may_be_away() {
        String several = "redis://127.0.0.1:1,127.0.0.1:" + cluster.node(2).port() + ", 127.0.0.1:"
                + cluster.node(1).port();
        for (String uri : List.of(cluster.uris().get(1), several)) {
            try (RedisBroker broker = RedisBroker.connect(uri);
                    RedisResultBackend results = RedisResultBackend.connect(uri)) {
                broker.open();
                results.open();

                results.store("seeds", List.of(JobOutcome.succeeded("one", 1, new byte[] {1}, 60_000)))
                        .join();

                assertThat(broker.lists().counts("seeds").join().ready()).isZero();
                assertThat(results.find("seeds", "one").join())
                        .hasValueSatisfying(kept -> assertThat(kept.result()).containsExactly(1));
            }
        }
    }

    @Test
    void another_database_and_several_single_servers_are_refused() {
        String withDatabase = cluster.uri() + "/3";
        try (RedisBroker broker = RedisBroker.connect(withDatabase)) {
            assertThatThrownBy(broker::open)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("is a cluster, which has database 0 and no other");
        }
        String servers = RedisServer.shared().uri() + ",127.0.0.1:1";
        try (RedisBroker broker = RedisBroker.connect(servers)) {
            assertThatThrownBy(broker::open)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("is a single server");
        }
    }

    @Test
    void an_address_with_a_host_missing_cannot_be_read_and_no_password_is_told() {
        for (String uri : List.of("redis://:secret@h1:1,,h2:2", "redis://:secret@,h2:2")) {
            assertThatThrownBy(() -> RedisBroker.connect(uri))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("redis://host1:6379,host2:6379")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void preflight_looks_at_every_master() {
        cluster.call(2, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        try (RedisBroker broker = RedisBroker.connect(cluster.uri())) {
            assertThatThrownBy(broker::open)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("127.0.0.1:" + cluster.node(2).port() + " will not do")
                    .hasMessageContaining("it has maxmemory-policy allkeys-lru");
        } finally {
            cluster.call(2, "CONFIG", "SET", "maxmemory-policy", "noeviction");
        }
    }

    @Test
    void the_doctor_examines_queues_of_all_nodes() {
        List<String> queues = List.of("ill0", "ill1", "ill2", "ill3", "ill4", "ill5");
        try (RedisBroker broker = open()) {
            for (String queue : queues) {
                broker.enqueue(queue, List.of(NewJob.now("one", new byte[0], 4)))
                        .join();
                int owner = cluster.ownerOf(cluster.slot("tm:{" + queue + "}:ready"));
                cluster.call(owner, "DEL", "tm:{" + queue + "}:job:one");
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        String[] arguments = {cluster.uri(), "ill0", "ill1", "ill2", "ill3", "ill4", "ill5"};

        assertThat(QueueDoctor.run(print, print, arguments)).isEqualTo(1);

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(queues.size())
                .allSatisfy(line -> assertThat(line).contains("CRITICAL record", "its record is missing"));
    }

    @Test
    void calls_go_on_after_a_node_was_killed_and_restarted() {
        try (RedisCluster other = RedisCluster.start(3, "--appendonly", "yes", "--appendfsync", "always");
                RedisBroker broker = RedisBroker.connect(
                        other.uri(), RedisOptions.defaults().withRequestTimeout(Duration.ofSeconds(60)))) {
            broker.open();
            broker.enqueue("killed", List.of(NewJob.now("before", new byte[0], 4)))
                    .join();
            int owner = other.ownerOf(other.slot("tm:{killed}:ready"));
            other.node(owner).kill9();
            var meanwhile = broker.enqueue("killed", List.of(NewJob.now("meanwhile", new byte[0], 4)));
            other.node(owner).restart();

            assertThat(meanwhile.join()).hasSize(1);

            assertThat(broker.lists().counts("killed").join().ready()).isEqualTo(2);
        }
    }

    private record Woken(AtomicInteger times) implements BrokerListener {

        @Override
        public void ready(String queue) {
            times.incrementAndGet();
        }

        @Override
        public void finished(String queue, String id) {}

        @Override
        public void cancelRequested(String queue, String id) {}
    }

    private static RedisBroker open() {
        RedisBroker broker = RedisBroker.connect(cluster.uri());
        broker.open();
        return broker;
    }
}
