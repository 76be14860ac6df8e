package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.JobIds;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls while Redis is away, silent, full, or not to be had. */
class ConnectionIT {

    private static final byte[] BODY = "secret-payload".getBytes(StandardCharsets.US_ASCII);
    private static final JobIds IDS = new JobIds(System::currentTimeMillis);
    private static final RedisOptions PATIENT = RedisOptions.defaults()
            .withCommandTimeout(Duration.ofMillis(300))
            .withRequestTimeout(Duration.ofSeconds(30));

    private final String queue = "connection-" + IDS.next();

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
    void a_wrong_password_is_refused_and_not_repeated_in_the_message() {
        try (RedisServer server = RedisServer.start("--requirepass", "right");
                RedisBroker broker = RedisBroker.connect("redis://:wrong-one@127.0.0.1:" + server.port())) {
            assertThatThrownBy(broker::open)
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("it answered WRONGPASS; check user and password in the Redis address")
                    .hasMessageNotContaining("wrong-one");
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
    void a_full_redis_refuses_an_enqueue_and_says_what_to_do() throws Exception {
        try (RedisServer server = RedisServer.start("--maxmemory", "1");
                RedisBroker broker = open(server, PATIENT)) {
            assertThat(failure(broker.enqueue(queue, List.of(job("one"))))).satisfies(e -> {
                assertThat(e.outcome()).isEqualTo(Outcome.REFUSED);
                assertThat(e)
                        .hasMessage("Redis at 127.0.0.1:" + server.port() + " refused enqueue on queue " + queue
                                + ": OOM; its memory is full: let workers drain the queues, raise maxmemory, or"
                                + " shorten result ttls");
                assertThat(e).hasMessageNotContaining("secret-payload");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"replicaof 127.0.0.1 1|replicaof no one", "min-replicas-to-write 1|min-replicas-to-write 0"})
    void what_redis_refuses_for_a_while_is_asked_again_until_it_is_taken(String awayAndBack) throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisProbe probe = RedisProbe.of(server);
                RedisBroker broker = open(server, PATIENT)) {
            enqueue(broker, "before");
            tell(probe, awayAndBack.split("\\|")[0]);

            CompletableFuture<List<EnqueueReply>> meanwhile = broker.enqueue(queue, List.of(job("meanwhile")));
            assertThatThrownBy(() -> meanwhile.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            tell(probe, awayAndBack.split("\\|")[1]);

            assertThat(get(meanwhile)).containsExactly(EnqueueReply.ACCEPTED);
            assertThat(claimed(broker)).containsExactly("before", "meanwhile");
        }
    }

    private static void tell(RedisProbe probe, String setting) {
        String[] words = setting.split(" ");
        if (words[0].equals("replicaof")) {
            probe.redis()
                    .dispatch(
                            CommandType.REPLICAOF,
                            new StatusOutput<>(StringCodec.UTF8),
                            new CommandArgs<>(StringCodec.UTF8).add(words[1]).add(words[2]));
        } else {
            probe.redis().configSet(words[0], words[1]);
        }
    }

    @Test
    void a_redis_with_as_many_connections_as_it_may_have_is_waited_for() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisProbe probe = RedisProbe.of(server);
                RedisBroker broker = RedisBroker.connect(server.uri(), PATIENT);
                RedisBroker lazy = RedisBroker.connect(server.uri(), PATIENT.withLazyConnect(true))) {
            probe.redis().configSet("maxclients", "1");
            CompletableFuture<Void> opened = CompletableFuture.runAsync(broker::open);
            CompletableFuture<QueueCounts> counts = lazy.lists().counts(queue);
            until(() -> rejected(probe) > 3);
            assertThat(opened).isNotDone();
            assertThat(counts).isNotDone();

            probe.redis().configSet("maxclients", "100");

            get(opened);
            get(counts);
        }
    }

    @Test
    void a_redis_that_stays_full_of_connections_is_named_with_the_remedy() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisProbe probe = RedisProbe.of(server);
                RedisBroker broker = RedisBroker.connect(
                        server.uri(), RedisOptions.defaults().withConnectTimeout(Duration.ofSeconds(3)))) {
            probe.redis().configSet("maxclients", "1");

            assertThatThrownBy(broker::open)
                    .hasMessageContaining("within 3 s (connectTimeout): it answered MAXCLIENTS; it serves as many"
                            + " connections as it may: raise maxclients, or close some");
        }
    }

    private static int rejected(RedisProbe probe) {
        return Integer.parseInt(probe.redis().info("stats").replaceAll("(?s).*rejected_connections:(\\d+).*", "$1"));
    }

    @Test
    void a_key_of_another_type_is_refused_and_says_what_to_do() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisProbe probe = RedisProbe.of(server);
                RedisBroker broker = open(server, PATIENT)) {
            probe.redis().set(RedisProbe.key(queue, "ready"), "not a list");

            assertThat(failure(broker.enqueue(queue, List.of(job("one")))))
                    .hasMessage("Redis at 127.0.0.1:" + server.port() + " refused enqueue on queue " + queue
                            + ": WRONGTYPE; a key of the queue holds something else: give Tidemill a key prefix of its"
                            + " own");
        }
    }

    @Test
    void a_right_that_is_missing_is_refused_and_says_what_to_do() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisProbe probe = RedisProbe.of(server)) {
            probe.redis()
                    .aclSetuser(
                            "app",
                            AclSetuserArgs.Builder.on()
                                    .addPassword("pw")
                                    .allKeys()
                                    .allChannels()
                                    .allCommands()
                                    .removeCommand(CommandType.EVALSHA));
            try (RedisBroker broker = RedisBroker.connect("redis://app:pw@127.0.0.1:" + server.port())) {
                broker.open();

                assertThat(failure(broker.enqueue(queue, List.of(job("one")))))
                        .hasMessageContaining("NOPERM; its ACL user lacks a right");
            }
        }
    }

    @Test
    void the_rights_in_the_document_are_enough() throws Exception {
        String document = Files.readString(Path.of("..", "docs", "redis-protocol.md"));
        String rights = document.substring(document.indexOf("these commands: `") + 17);
        rights = rights.substring(0, rights.indexOf('`'));
        try (RedisServer server = RedisServer.start();
                RedisProbe probe = RedisProbe.of(server)) {
            CommandArgs<String, String> user = new CommandArgs<>(StringCodec.UTF8)
                    .add("SETUSER")
                    .add("app")
                    .add("on")
                    .add(">pw")
                    .add("~tm:*")
                    .add("resetchannels")
                    .add("&tm:*");
            for (String command : rights.split("\\s+", -1)) {
                user.add("+" + command);
            }
            probe.redis().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), user);
            try (RedisBroker broker = RedisBroker.connect("redis://app:pw@127.0.0.1:" + server.port())) {
                broker.open();
                AtomicInteger heard = new AtomicInteger();
                broker.listen("w1", Set.of(queue), new Counting(heard));
                until(() -> heard.get() > 0);
                RedisClient client = RedisClient.create();
                try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(
                        ByteArrayCodec.INSTANCE, RedisURI.create("redis://app:pw@127.0.0.1:" + server.port()))) {
                    for (Scenario scenario : Scenario.values()) {
                        Scenario.Play play = new Scenario.Play(scenario.script(), broker, probe, connection);
                        assertThat(play.send(scenario.prepare(play))).first().isEqualTo("OK");
                        get(broker.lists().counts(play.queue));
                        get(broker.lookUp().find(play.queue, "one", true));
                        for (JobState state :
                                List.of(JobState.READY, JobState.SCHEDULED, JobState.ACTIVE, JobState.DEAD)) {
                            get(broker.lists().list(play.queue, state, 0, 10));
                        }
                    }
                } finally {
                    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
                }
            }
        }
    }

    @Test
    void prefixes_and_database_numbers_keep_applications_apart() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisBroker one = open(server, PATIENT);
                RedisBroker other = open(server, PATIENT.withPrefix("shop"));
                RedisBroker third = RedisBroker.connect(server.uri() + "/3")) {
            enqueue(one, "a");

            assertThat(get(other.lists().counts(queue)).ready()).isZero();
            assertThat(get(third.lists().counts(queue)).ready()).isZero();
            assertThat(get(one.lists().counts(queue)).ready()).isEqualTo(1);
        }
    }

    /** Redis publishes to all databases alike. */
    @Test
    void what_is_told_in_one_database_is_not_heard_in_another() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisBroker first = RedisBroker.connect(server.uri() + "/1");
                RedisBroker second = RedisBroker.connect(server.uri() + "/2");
                RedisBroker listening = RedisBroker.connect(server.uri() + "/2")) {
            List<String> heard = new CopyOnWriteArrayList<>();
            listening.listen("w1", Set.of(queue), new Noting(heard));
            for (RedisBroker broker : List.of(first, second)) {
                enqueue(broker, "running");
                assertThat(claimed(broker)).containsExactly("running");
                enqueue(broker, "waiting");
                get(broker.lookUp().find(queue, "waiting", true));
            }
            get(listening.lookUp().find(queue, "waiting", true));

            for (RedisBroker broker : List.of(first, second)) {
                get(broker.cancellation().cancel(queue, "running"));
                get(broker.cancellation().cancel(queue, "waiting"));
            }

            until(() -> heard.contains("finished waiting"));
            assertThat(heard)
                    .filteredOn(news -> !news.equals("ready"))
                    .containsExactly("cancelRequested running", "finished waiting");

            assertThat(claimed(listening)).isEmpty();
            heard.clear();
            enqueue(second, "wakes");
            until(() -> heard.contains("ready"));
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

    private static RedisBroker open(RedisServer server, RedisOptions options) {
        RedisBroker broker = RedisBroker.connect(server.uri(), options);
        broker.open();
        return broker;
    }

    private static NewJob job(String id) {
        return NewJob.now(id, BODY, 4);
    }

    private void enqueue(Broker broker, String id) throws Exception {
        assertThat(get(broker.enqueue(queue, List.of(job(id))))).containsExactly(EnqueueReply.ACCEPTED);
    }

    private List<String> claimed(Broker broker) throws Exception {
        return get(broker.claim(queue, new ClaimRequest("w1", IDS.next(), 100, 60_000))).claims().stream()
                .map(claim -> claim.id())
                .toList();
    }

    private static <V> V get(CompletableFuture<V> future) throws Exception {
        return future.get(40, TimeUnit.SECONDS);
    }

    private static BrokerException failure(CompletableFuture<?> future) throws Exception {
        try {
            throw new AssertionError("should have failed: " + future.get(40, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (BrokerException) e.getCause();
        }
    }

    private static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
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

    private record Noting(List<String> heard) implements BrokerListener {

        @Override
        public void ready(String queue) {
            heard.add("ready");
        }

        @Override
        public void finished(String queue, String id) {
            heard.add("finished " + id);
        }

        @Override
        public void cancelRequested(String queue, String id) {
            heard.add("cancelRequested " + id);
        }
    }
}
