package io.tidemill.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A Redis whose keys a test looks at, and a broker on it. The keys are gone after each test. */
abstract class ScriptsHarness {

    static RedisServer server;

    static RedisProbe probe;

    static RedisClient client;

    static StatefulRedisConnection<byte[], byte[]> connection;

    final RedisBroker broker = RedisBroker.connect(server.uri());

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        probe = RedisProbe.of(server);
        client = RedisClient.create(server.uri());
        connection = client.connect(ByteArrayCodec.INSTANCE);
    }

    @AfterAll
    static void end() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        probe.close();
        server.close();
    }

    @AfterEach
    void close() {
        probe.redis().configSet("maxmemory", "0");
        broker.close();
        // The probe looks for a queue's keys among all there are.
        probe.redis().flushall();
    }

    Play play(Scenario scenario) {
        return new Play(scenario.script(), open(), probe, connection);
    }

    RedisBroker open() {
        return broker;
    }

    void complete(Play play, Claim claim) {
        play.get(broker.complete(
                play.queue, List.of(new Completion.Succeeded(claim.id(), claim.token(), null, 0)), null));
    }
}
