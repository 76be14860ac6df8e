package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import io.tidemill.broker.NewJob;
import io.tidemill.task.BrokerException;
import io.tidemill.test.redis.RedisServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a broker says to servers that will not do. */
class PreflightIT {

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

    @AfterEach
    void restore() {
        probe.redis().configSet("maxmemory-policy", "noeviction");
        probe.redis().flushall();
    }

    private static void open(String uri, RedisOptions options) {
        try (RedisBroker broker = RedisBroker.connect(uri, options)) {
            broker.open();
        }
    }

    private static RedisOptions mode(PreflightMode mode) {
        return RedisOptions.defaults().withPreflight(mode);
    }

    @Test
    void a_server_that_evicts_jobs_is_refused_unless_nobody_looks() {
        probe.redis().configSet("maxmemory-policy", "allkeys-lru");

        assertThatThrownBy(() -> open(server.uri(), RedisOptions.defaults()))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("it has maxmemory-policy allkeys-lru")
                .hasMessageContaining("set preflight to OFF");
        assertThatCode(() -> open(server.uri(), mode(PreflightMode.OFF))).doesNotThrowAnyException();
    }

    @Test
    void a_server_that_evicts_results_is_refused_only_when_asked_for() {
        probe.redis().configSet("maxmemory-policy", "volatile-lru");

        assertThatCode(() -> open(server.uri(), RedisOptions.defaults())).doesNotThrowAnyException();
        assertThatThrownBy(() -> open(server.uri(), mode(PreflightMode.REFUSE)))
                .hasMessageContaining("it throws results away");
    }

    @Test
    void a_prefix_that_somebody_else_uses_is_refused() {
        probe.redis().set("tm:queues", "not ours");

        assertThatThrownBy(() -> open(server.uri(), RedisOptions.defaults()))
                .hasMessageContaining(
                        "its key tm:queues is a string and not ours; give Tidemill a key prefix of its own");
    }

    @Test
    void a_user_with_the_documented_rights_will_do_and_one_with_fewer_is_told_which_are_missing() {
        AclSetuserArgs rights = AclSetuserArgs.Builder.on()
                .addPassword("secret")
                .keyPattern("tm:*")
                .channelPattern("tm:*")
                .allCommands();
        probe.redis().aclSetuser("worker", rights);
        String uri = server.uri().replace("redis://", "redis://worker:secret@");
        assertThatCode(() -> open(uri, RedisOptions.defaults())).doesNotThrowAnyException();

        probe.redis()
                .aclSetuser(
                        "worker",
                        new AclSetuserArgs().removeCommand(CommandType.ZADD).removeCommand(CommandType.LTRIM));

        assertThatThrownBy(() -> open(uri, RedisOptions.defaults()))
                .hasMessageContaining("its ACL user worker may not run ltrim, zadd on keys and channels tm:*");
        assertThatThrownBy(() -> open(uri, RedisOptions.defaults().withPrefix("other")))
                .hasMessageContaining("on keys and channels other:*");
    }

    @Test
    void a_user_without_the_channels_is_told_so_before_anything_happens() {
        AclSetuserArgs rights = AclSetuserArgs.Builder.on()
                .addPassword("secret")
                .keyPattern("tm:*")
                .resetChannels()
                .channelPattern("other:*")
                .allCommands();
        probe.redis().aclSetuser("deaf", rights);

        assertThatThrownBy(
                        () -> open(server.uri().replace("redis://", "redis://deaf:secret@"), RedisOptions.defaults()))
                .hasMessageContaining("its ACL user deaf may not run publish, subscribe on keys and channels tm:*");
    }

    @Test
    void looking_writes_nothing() {
        open(server.uri(), RedisOptions.defaults());

        assertThat(probe.redis().keys("*")).isEmpty();
    }

    @Test
    void a_user_who_may_ask_nothing_is_given_the_benefit_of_the_doubt() {
        probe.redis()
                .aclSetuser(
                        "modest",
                        AclSetuserArgs.Builder.on()
                                .addPassword("secret")
                                .keyPattern("tm:*")
                                .channelPattern("tm:*")
                                .allCommands()
                                .removeCommand(CommandType.ACL)
                                .removeCommand(CommandType.CONFIG)
                                .removeCommand(CommandType.TYPE));
        try (RedisBroker broker = RedisBroker.connect(server.uri().replace("redis://", "redis://modest:secret@"))) {
            broker.open();
            assertThat(broker.enqueue("q", List.of(NewJob.now("one", new byte[1], 4)))
                            .join())
                    .hasSize(1);
        }
    }
}
