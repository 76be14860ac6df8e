package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.tidemill.broker.Broker;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.test.Waits;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A replica becomes the master while schedules fire at the old one, which goes on answering for a while and is then
 * killed: what it acknowledged meanwhile is lost.
 */
class ScheduleFailoverIT {

    private static final String QUEUE = "failover";
    private static final int SCHEDULES = 12;
    private static final byte[] BYTES = {1, 2, 3};

    private RedisServer master;
    private RedisServer replica;
    private RedisClient client;

    @BeforeEach
    void start() {
        master = RedisServer.start("--repl-diskless-sync-delay", "0");
        replica = RedisServer.start("--replicaof", "127.0.0.1", Integer.toString(master.port()));
        client = RedisClient.create(replica.uri());
        Waits.until("the replica has what the master has", () -> info().contains("master_link_status:up"));
    }

    @AfterEach
    void end() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        replica.close();
        master.close();
    }

    private String info() {
        try (var connection = client.connect()) {
            return connection.sync().info("replication");
        }
    }

    @Test
    void a_promoted_replica_has_a_job_for_each_step_of_its_schedules_and_fires_again_what_was_lost() {
        AtomicIntegerArray acknowledged = new AtomicIntegerArray(SCHEDULES);
        int[] atPromotion = new int[SCHEDULES];
        try (Broker old = opened(master)) {
            for (int i = 0; i < SCHEDULES; i++) {
                get(old.schedules().write(QUEUE, Optional.empty(), schedule(i, 0)));
            }
            List<CompletableFuture<Void>> firing = fireAll(old, acknowledged, (i, n) -> n < 100);
            Waits.until("the replica has some of what has fired", () -> jobsAtReplica() > 3 * SCHEDULES);
            promote();
            firing.forEach(ScheduleFailoverIT::get);
            for (int i = 0; i < SCHEDULES; i++) {
                atPromotion[i] = acknowledged.get(i);
            }
            fireAll(old, acknowledged, (i, n) -> n < atPromotion[i] + 3).forEach(ScheduleFailoverIT::get);
        }
        master.kill9();

        try (Broker broker = opened(replica);
                RedisProbe probe = RedisProbe.of(replica)) {
            Set<String> expected = new TreeSet<>();
            for (int i = 0; i < SCHEDULES; i++) {
                int fired = fired(broker, i);
                assertThat(fired).as("firings that were lost").isLessThan(acknowledged.get(i));
                IntStream.rangeClosed(1, fired).mapToObj(id(i)).forEach(expected::add);
            }
            assertThat(probe.recorded(QUEUE))
                    .as("a job for each step, and no other")
                    .isEqualTo(expected);
            probe.checkInvariants(QUEUE);

            for (int i = 0; i < SCHEDULES; i++) {
                // A process that knows only what the old master said fires nothing here.
                assertThat(get(broker.enqueue(QUEUE, List.of(firing(i, acknowledged.get(i) + 1)))))
                        .containsExactly(new EnqueueReply.Superseded(id(i).apply(acknowledged.get(i) + 1)));
                for (int n = fired(broker, i) + 1; n <= acknowledged.get(i); n++) {
                    assertThat(get(broker.enqueue(QUEUE, List.of(firing(i, n)))))
                            .singleElement()
                            .isInstanceOf(EnqueueReply.Accepted.class);
                    expected.add(id(i).apply(n));
                }
            }
            assertThat(probe.recorded(QUEUE)).as("each time once").isEqualTo(expected);
            probe.checkInvariants(QUEUE);
        }
    }

    /** Whether a schedule that has fired so often fires once more. */
    private interface GoesOn {
        boolean test(int schedule, int fired);
    }

    private static List<CompletableFuture<Void>> fireAll(Broker broker, AtomicIntegerArray fired, GoesOn goesOn) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < SCHEDULES; i++) {
            int schedule = i;
            all.add(fire(broker, fired, schedule, n -> goesOn.test(schedule, n)));
        }
        return all;
    }

    private static CompletableFuture<Void> fire(
            Broker broker, AtomicIntegerArray fired, int schedule, IntPredicate goesOn) {
        int done = fired.get(schedule);
        if (!goesOn.test(done)) {
            return CompletableFuture.completedFuture(null);
        }
        return broker.enqueue(QUEUE, List.of(firing(schedule, done + 1))).thenCompose(replies -> {
            assertThat(replies).singleElement().isInstanceOf(EnqueueReply.Accepted.class);
            fired.incrementAndGet(schedule);
            return fire(broker, fired, schedule, goesOn);
        });
    }

    private long jobsAtReplica() {
        try (var connection = client.connect()) {
            return connection.sync().llen(RedisProbe.key(QUEUE, "ready"));
        }
    }

    private void promote() {
        try (var connection = client.connect()) {
            connection.sync().replicaofNoOne();
        }
    }

    private static Broker opened(RedisServer server) {
        RedisBroker broker = RedisBroker.connect(server.uri(), ContractOptions.PATIENT);
        broker.open();
        return broker;
    }

    private static int fired(Broker broker, int schedule) {
        StoredSchedule there =
                get(broker.schedules().find(QUEUE, "s" + schedule)).orElseThrow();
        return Integer.parseInt(there.revision().substring(1));
    }

    private static StoredSchedule schedule(int schedule, int fired) {
        return new StoredSchedule("s" + schedule, "r" + fired, 1, BYTES);
    }

    private static NewJob firing(int schedule, int n) {
        ScheduleStep step = new ScheduleStep("r" + (n - 1), schedule(schedule, n));
        return NewJob.now(id(schedule).apply(n), BYTES, 4).with(JobConstraints.NONE.withStep(step));
    }

    private static IntFunction<String> id(int schedule) {
        return n -> "s" + schedule + "@" + n;
    }

    private static <V> V get(CompletableFuture<V> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
