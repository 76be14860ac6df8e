package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What becomes of calls while a connection is being made and nobody answers. */
class HandshakeIT {

    private static final byte[] BODY = {1};

    @Test
    void a_reconnect_that_meets_silence_is_given_up_after_the_connect_timeout() throws Exception {
        RedisOptions options = RedisOptions.defaults()
                .withConnectTimeout(Duration.ofSeconds(2))
                .withCommandTimeout(Duration.ofMillis(500))
                .withRequestTimeout(Duration.ofSeconds(60));
        try (RedisServer server = RedisServer.start();
                MutableProxy proxy = new MutableProxy(server.port());
                RedisBroker broker = RedisBroker.connect(proxy.uri(), options)) {
            broker.open();
            enqueue(broker, "before").get(20, TimeUnit.SECONDS);
            int before = proxy.accepted();
            proxy.mute();
            proxy.drop();
            until(() -> proxy.accepted() >= before + 2); // both connections are in a handshake with nobody
            proxy.heal();

            assertThat(enqueue(broker, "after").get(20, TimeUnit.SECONDS)).containsExactly(EnqueueReply.ACCEPTED);
        }
    }

    @Test
    void a_call_waits_no_longer_for_a_connection_than_its_request_timeout_and_is_not_sent_later() throws Exception {
        RedisOptions options = RedisOptions.defaults()
                .withConnectTimeout(Duration.ofSeconds(60))
                .withRequestTimeout(Duration.ofMillis(300))
                .withLazyConnect(true);
        try (RedisServer server = RedisServer.start();
                RedisBroker patient = RedisBroker.connect(server.uri());
                MutableProxy proxy = new MutableProxy(server.port());
                RedisBroker broker = RedisBroker.connect(proxy.uri(), options)) {
            patient.open();
            broker.open();
            proxy.mute();

            BrokerException failure = failure(enqueue(broker, "one"));

            assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(failure).hasMessageContaining("within 300 ms (requestTimeout)");
            proxy.healAll();
            until(() -> counted(broker));
            assertThat(patient.lists().counts("q").get(20, TimeUnit.SECONDS).ready())
                    .isZero();
        }
    }

    @Test
    void an_answer_of_an_unexpected_shape_fails_its_call_and_stops_no_other() {
        for (String odd : List.of("*1\r\n:5\r\n", "*0\r\n", "*2\r\n$2\r\nOK\r\n$4\r\nnoon\r\n")) {
            try (OddServer server = new OddServer("7.0.0", odd);
                    RedisBroker broker = RedisBroker.connect(server.uri())) {
                broker.open();
                for (int i = 0; i < 2; i++) { // enqueues are numbered: the second waits for the first
                    BrokerException failure = failure(enqueue(broker, "one"));
                    assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
                    assertThat(failure).hasMessageContaining("cannot be read");
                }
            }
        }
    }

    @Test
    void a_server_that_is_too_old_is_named_also_when_it_is_met_later() {
        try (OddServer server = new OddServer("5.0.14", "*0\r\n");
                RedisBroker broker = RedisBroker.connect(
                        server.uri(), RedisOptions.defaults().withLazyConnect(true));
                RedisBroker eager = RedisBroker.connect(server.uri())) {
            broker.open();

            BrokerException failure = failure(enqueue(broker, "one"));

            assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(failure).hasMessageContaining("has version 5.0, and Tidemill needs 6.2 or newer");
            assertThat(catchThrowableOfType(BrokerException.class, eager::open)).hasMessage(failure.getMessage());
        }
    }

    private static boolean counted(RedisBroker broker) {
        return !broker.lists()
                .counts("q")
                .handle((counts, failure) -> failure != null)
                .join();
    }

    private static CompletableFuture<List<EnqueueReply>> enqueue(RedisBroker broker, String id) {
        return broker.enqueue("q", List.of(NewJob.now(id, BODY, 4)));
    }

    private static BrokerException failure(CompletableFuture<?> future) {
        CompletableFuture<?> bounded = future.orTimeout(20, TimeUnit.SECONDS);
        CompletionException e = catchThrowableOfType(CompletionException.class, bounded::join);
        assertThat(e).isNotNull();
        return (BrokerException) e.getCause();
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
