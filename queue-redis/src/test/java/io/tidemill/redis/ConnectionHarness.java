package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.task.BrokerException;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.JobIds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What tests of connections share: options, a queue of their own, and calls that wait for their answer. */
abstract class ConnectionHarness {

    static final byte[] BODY = "secret-payload".getBytes(StandardCharsets.US_ASCII);
    static final JobIds IDS = new JobIds(System::currentTimeMillis);
    static final RedisOptions PATIENT = RedisOptions.defaults()
            .withCommandTimeout(Duration.ofMillis(300))
            .withRequestTimeout(Duration.ofSeconds(30));

    final String queue = "connection-" + IDS.next();

    static RedisBroker open(RedisServer server, RedisOptions options) {
        RedisBroker broker = RedisBroker.connect(server.uri(), options);
        broker.open();
        return broker;
    }

    static NewJob job(String id) {
        return NewJob.now(id, BODY, 4);
    }

    final void enqueue(Broker broker, String id) throws Exception {
        assertThat(get(broker.enqueue(queue, List.of(job(id))))).containsExactly(EnqueueReply.ACCEPTED);
    }

    final List<String> claimed(Broker broker) throws Exception {
        return get(broker.claim(queue, new ClaimRequest("w1", IDS.next(), 100, 60_000))).claims().stream()
                .map(claim -> claim.id())
                .toList();
    }

    static <V> V get(CompletableFuture<V> future) throws Exception {
        return future.get(40, TimeUnit.SECONDS);
    }

    static BrokerException failure(CompletableFuture<?> future) throws Exception {
        try {
            throw new AssertionError("should have failed: " + future.get(40, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (BrokerException) e.getCause();
        }
    }

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    record Counting(AtomicInteger heard) implements BrokerListener {

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
