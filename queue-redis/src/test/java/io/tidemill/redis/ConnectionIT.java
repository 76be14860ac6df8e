package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.test.redis.RedisServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of calls while Redis is away, silent, or closed, and how long they wait. */
class ConnectionIT extends ConnectionHarness {

    private static final RedisOptions SOON = RedisOptions.defaults().withConnectTimeout(Duration.ofSeconds(2));

    @Test
    void calls_go_on_after_redis_was_killed_and_restarted() throws Exception {
        try (RedisServer server = RedisServer.start("--appendonly", "yes", "--appendfsync", "always");
                RedisBroker broker = open(server, PATIENT)) {
            enqueue(broker, "before");
            server.kill9();
            CompletableFuture<List<EnqueueReply>> meanwhile = broker.enqueue(queue, List.of(job("meanwhile")));
            CompletableFuture<?> extended = broker.leases().extend(queue, List.of("token"), 1000);
            server.restart();

            assertThat(get(meanwhile)).containsExactly(EnqueueReply.ACCEPTED);
            get(extended);
            enqueue(broker, "after");

            assertThat(claimed(broker)).containsExactly("before", "meanwhile", "after");
        }
    }

    @Test
    void a_call_that_timed_out_and_was_done_later_is_done_once() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisBroker broker = open(server, PATIENT);
                RedisProbe probe = RedisProbe.of(server)) {
            enqueue(broker, "before");
            server.stop();
            CompletableFuture<List<EnqueueReply>> reply = broker.enqueue(queue, List.of(job("one")));
            // Long enough for several attempts to pile up in the frozen server's socket.
            assertThatThrownBy(() -> reply.get(1500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            server.cont();

            assertThat(get(reply)).containsExactly(EnqueueReply.ACCEPTED);
            assertThat(get(broker.lists().counts(queue)).accepted()).isEqualTo(2);
            assertThat(claimed(broker)).containsExactly("before", "one");
            probe.checkInvariants(queue);
        }
    }

    @Test
    void a_worker_is_told_to_look_when_it_hears_again_after_a_restart_and_is_woken_from_then_on() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisBroker worker = open(server, PATIENT);
                RedisBroker client = open(server, PATIENT)) {
            AtomicInteger heard = new AtomicInteger();
            worker.listen("w1", Set.of(queue), new Counting(heard));
            int before = heard.get();
            server.kill9();
            server.restart();
            until(() -> heard.get() > before);

            assertThat(claimed(worker)).isEmpty();
            int registered = heard.get();
            enqueue(client, "one");
            until(() -> heard.get() > registered);
        }
    }

    @Test
    void a_redis_that_is_not_there_is_named_with_the_cause_and_the_remedy() {
        RedisServer gone = RedisServer.start();
        gone.close();
        try (RedisBroker broker = RedisBroker.connect("redis://user:hush@127.0.0.1:" + gone.port())) {
            BrokerException e = catchThrowableOfType(BrokerException.class, broker::open);

            assertThat(e.outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(e)
                    .hasMessage("no connection to Redis at 127.0.0.1:" + gone.port()
                            + " within 5 s (connectTimeout): ConnectException: Connection refused;"
                            + " check that Redis runs there and can be reached from this machine,"
                            + " or set lazyConnect to start without it");
            assertThat(e).hasCauseInstanceOf(ConnectException.class).hasRootCause(e.getCause());
        }
    }

    @Test
    void tls_on_a_port_without_tls_is_named_as_what_may_be_wrong() {
        try (RedisServer server = RedisServer.start();
                RedisBroker broker = RedisBroker.connect("rediss://127.0.0.1:" + server.port(), SOON)) {
            assertThatThrownBy(broker::open)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("the address says rediss://")
                    .hasMessageContaining("redis://");
        }
    }

    /** How a port that speaks TLS ends a connection that does not. */
    enum Refusal {
        ALERT(21, 3, 3, 0, 2, 2, 10),
        CLOSED();

        private final byte[] bytes;

        Refusal(int... values) {
            bytes = new byte[values.length];
            for (int i = 0; i < values.length; i++) {
                bytes[i] = (byte) values[i];
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void no_tls_on_a_port_with_tls_is_named_as_what_may_be_wrong(Refusal refusal) throws Exception {
        try (ServerSocket tls = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                RedisBroker broker = RedisBroker.connect("redis://127.0.0.1:" + tls.getLocalPort(), SOON)) {
            Thread answering = new Thread(() -> refuseAll(tls, refusal), "speaks TLS only");
            answering.setDaemon(true);
            answering.start();

            assertThatThrownBy(broker::open)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("if it speaks TLS on this port, write rediss://");
        }
    }

    private static void refuseAll(ServerSocket tls, Refusal refusal) {
        while (!tls.isClosed()) {
            try (Socket accepted = tls.accept()) {
                if (accepted.getInputStream().read() >= 0) {
                    accepted.getOutputStream().write(refusal.bytes);
                    accepted.getOutputStream().flush();
                }
            } catch (IOException e) {
                // The client has closed it, or the test has ended.
            }
        }
    }

    @Test
    void a_silent_redis_is_given_up_after_the_connect_timeout() {
        try (RedisServer server = RedisServer.start()) {
            server.stop();
            try (RedisBroker broker = RedisBroker.connect(
                    server.uri(), RedisOptions.defaults().withConnectTimeout(Duration.ofMillis(400)))) {
                assertThatThrownBy(broker::open)
                        .isInstanceOf(BrokerException.class)
                        .hasMessageStartingWith(
                                "no connection to Redis at 127.0.0.1:" + server.port() + " within 400 ms");
            } finally {
                server.cont();
            }
        }
    }

    @Test
    void a_lazy_broker_opens_without_redis_and_fails_calls_in_time() throws Exception {
        RedisServer gone = RedisServer.start();
        gone.close();
        RedisOptions lazy = RedisOptions.defaults().withLazyConnect(true).withRequestTimeout(Duration.ofMillis(300));
        try (RedisBroker broker = RedisBroker.connect(gone.uri(), lazy)) {
            broker.open();

            assertThat(failure(broker.enqueue(queue, List.of(job("one"))))).satisfies(e -> {
                assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
                assertThat(e)
                        .hasMessageStartingWith(
                                "Redis at 127.0.0.1:" + gone.port() + " gave no answer to enqueue on queue " + queue
                                        + " within 300 ms (requestTimeout) in ")
                        .hasMessageContaining("asking again with the same ids is safe");
            });
        }
    }

    @Test
    void calls_that_wait_for_their_turn_are_given_up_in_time_and_not_done_later() throws Exception {
        RedisOptions brief = RedisOptions.defaults().withRequestTimeout(Duration.ofMillis(600));
        List<String> ids = List.of("1", "2", "3", "4", "5", "6", "7", "8");
        try (RedisServer server = RedisServer.start();
                RedisBroker patient = open(server, PATIENT);
                RedisBroker broker = open(server, brief)) {
            for (String id : ids) {
                enqueue(patient, id);
            }
            // The time of the server is known from its first answer on, and with it the time after which nothing is
            // done.
            until(() -> broker.lists()
                    .counts(queue)
                    .handle((counts, failure) -> failure == null)
                    .join());
            server.stop();
            List<CompletableFuture<CancelReply>> cancels = ids.stream()
                    .map(id -> broker.cancellation().cancel(queue, id))
                    .toList();

            // Two calls that wait for no turn, one after the other: twice the time that each of the others has.
            failure(broker.lists().counts(queue));
            failure(broker.lists().counts(queue));

            assertThat(cancels).allMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(failure(cancels.get(0)).outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(failure(cancels.get(7))).satisfies(e -> {
                assertThat(e.outcome()).isEqualTo(Outcome.REFUSED);
                assertThat(e)
                        .hasMessage("cancel on queue " + queue + " was not sent to Redis at 127.0.0.1:" + server.port()
                                + " within 600 ms (requestTimeout): what it waited for took that long, such as the"
                                + " calls of its kind before it; nothing was done, and it can be tried again");
            });
            server.cont();
            assertThat(claimed(patient)).containsExactlyElementsOf(ids);
        }
    }

    @Test
    void a_claim_that_its_lease_gives_up_names_the_lease_and_not_the_request_timeout() throws Exception {
        RedisOptions lazy = RedisOptions.defaults().withLazyConnect(true).withRequestTimeout(Duration.ofMillis(1500));
        RedisServer gone = RedisServer.start();
        gone.close();
        try (RedisBroker broker = RedisBroker.connect(gone.uri(), lazy)) {
            assertThat(failure(broker.claim(queue, new ClaimRequest("w1", IDS.next(), 1, 1_000))))
                    .hasMessageContaining(" within 1 s (the lease asked for) in ");
            assertThat(failure(broker.claim(queue, new ClaimRequest("w1", IDS.next(), 1, 60_000))))
                    .hasMessageContaining(" within 1 s 500 ms (requestTimeout) in ");
        }
    }

    @Test
    void closing_fails_what_is_in_flight_and_leaves_no_thread() throws Exception {
        try (RedisServer server = RedisServer.start()) {
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            RedisBroker broker = open(server, PATIENT);
            broker.listen("w1", Set.of(queue), new Counting(new AtomicInteger()));
            enqueue(broker, "one");
            server.stop();
            CompletableFuture<?> inFlight = broker.enqueue(queue, List.of(job("two")));
            CompletableFuture<?> behindIt = broker.enqueue(queue, List.of(job("three")));

            broker.close();
            broker.close();
            server.cont();

            assertThat(failure(inFlight)).satisfies(e -> {
                assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
                assertThat(e)
                        .hasMessageStartingWith("the broker was closed before Redis at 127.0.0.1:" + server.port()
                                + " answered enqueue on queue " + queue);
            });
            assertThat(failure(behindIt).outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(failure(broker.lists().counts(queue)).outcome()).isEqualTo(Outcome.REFUSED);
            until(() -> newThreads(before).isEmpty());
            assertThat(newThreads(before)).isEmpty();
        }
    }

    @Test
    void an_address_that_cannot_be_read_is_refused_without_repeating_it() {
        assertThatThrownBy(() -> RedisBroker.connect("http://user:hush@example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the Redis address must look like redis://host:6379")
                .hasMessageNotContaining("hush");
    }

    /** Threads of JDK and test tools that start once and stay are not the broker's. */
    private static Set<String> newThreads(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .map(Thread::getName)
                .filter(name -> !name.startsWith("process reaper")
                        && !name.startsWith("CompletableFutureDelayScheduler")
                        && !name.startsWith("globalEventExecutor")
                        && !name.startsWith("ForkJoinPool.commonPool")
                        && !name.startsWith("junit"))
                .collect(Collectors.toSet());
    }
}
