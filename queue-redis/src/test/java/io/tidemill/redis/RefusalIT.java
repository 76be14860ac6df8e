package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.task.JobState;
import io.tidemill.test.redis.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of calls that Redis refuses, for good or for a while, and what users read about it. */
class RefusalIT extends ConnectionHarness {

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
}
