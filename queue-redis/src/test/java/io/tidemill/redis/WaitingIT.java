package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Subscription;
import io.tidemill.task.Task;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who waits to be woken: workers that live, and no others. */
class WaitingIT {

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

        @Task
        public void nothing() {}
    }

    @Test
    @Tag(Thorough.TAG)
    void many_workers_that_came_and_went_leave_nobody_waiting() {
        String waiting = RedisProbe.key("default", "waiting");
        for (int i = 0; i < Thorough.size(20, 100); i++) {
            try (TaskQueue queue = TaskQueue.builder()
                    .broker(RedisBroker.connect(server.uri()))
                    .tasks(new Tasks())
                    .start()) {
                until(() -> probe.redis().zcard(waiting) == 1);
            }
            assertThat(probe.redis().exists(waiting)).as("after start %s", i).isZero();
        }
    }

    @Test
    void a_worker_that_goes_leaves_others_waiting_and_takes_its_claims_in_flight_along() throws Exception {
        try (RedisBroker broker = RedisBroker.connect(server.uri())) {
            broker.open();
            claim(broker, "going", "stays");
            Subscription subscription = broker.listen("goes", Set.of("going"), new Counting(new AtomicInteger()));
            broker.claim("going", new ClaimRequest("goes", "t1", 1, 60_000));
            subscription.close();

            assertThat(probe.redis().zrange(RedisProbe.key("going", "waiting"), 0, -1))
                    .containsExactly("stays");
        }
    }

    @Test
    void a_wake_up_finds_the_worker_that_lives_among_hundreds_that_are_gone() throws Exception {
        try (RedisBroker broker = RedisBroker.connect(server.uri());
                RedisBroker client = RedisBroker.connect(server.uri())) {
            broker.open();
            client.open();
            AtomicInteger heard = new AtomicInteger();
            broker.listen("lives", Set.of("crowd"), new Counting(heard));
            until(() -> heard.get() > 0);
            long comes = probe.millis();
            claim(broker, "crowd", "lives");
            String waiting = RedisProbe.key("crowd", "waiting");
            for (int i = 0; i < 300; i++) { // They came after it, and went.
                probe.redis().zadd(waiting, comes + 60_000, "gone" + i);
            }
            for (int i = 0; i < 300; i++) {
                probe.redis().zadd(waiting, comes - 1000, "before" + i);
            }
            int before = heard.get();

            client.enqueue("crowd", List.of(NewJob.now("one", new byte[1], 4))).get(20, TimeUnit.SECONDS);

            until(() -> heard.get() > before);
            assertThat(probe.redis().zcard(waiting)).isEqualTo(300);
        }
    }

    @Test
    void workers_that_have_not_come_for_an_hour_are_trimmed_and_the_key_expires() throws Exception {
        try (RedisBroker broker = RedisBroker.connect(server.uri())) {
            broker.open();
            String waiting = RedisProbe.key("old", "waiting");
            probe.redis().zadd(waiting, probe.millis() - 3_601_000, "gone");
            probe.redis().zadd(waiting, probe.millis() - 3_000_000, "slow");
            claim(broker, "old", "comes");

            assertThat(probe.redis().zrange(waiting, 0, -1)).containsExactly("slow", "comes");
            assertThat(probe.redis().pttl(waiting)).isBetween(1L, 3_600_000L);
        }
    }

    private static void claim(RedisBroker broker, String queue, String worker) throws Exception {
        assertThat(broker.claim(queue, new ClaimRequest(worker, "token-" + worker, 1, 60_000))
                        .get(20, TimeUnit.SECONDS)
                        .claims())
                .isEmpty();
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private record Counting(AtomicInteger heard) implements BrokerListener {

        @Override
        public void ready(String queue) {
            heard.incrementAndGet();
        }

        @Override
        public void finished(String queue, String id) {}

        @Override
        public void cancelRequested(String queue, String id) {}
    }
}
