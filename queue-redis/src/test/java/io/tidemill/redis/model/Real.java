package io.tidemill.redis.model;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.tidemill.broker.Broker;
import io.tidemill.redis.RedisBroker;
import io.tidemill.redis.RedisOptions;
import io.tidemill.redis.RedisProbe;
import io.tidemill.redis.script.Script;
import io.tidemill.redis.script.ScriptTexts;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.text.Durations;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The Redis broker as it is, on a server of its own whose scripts live by a clock that is moved by hand. The broker
 * sends what it always sends; on the way each call of a script becomes a call of the same script behind
 * {@code hand-clock.lua}.
 */
final class Real implements AutoCloseable {

    private static final String CLOCK = "hand:clock";
    private static final String TWICE = "hand:twice";

    private final RedisServer server = RedisServer.start();
    private final ScriptSwap swap = new ScriptSwap(server.port());
    private final RedisClient client = RedisClient.create(server.uri());
    private final StatefulRedisConnection<String, String> connection = client.connect();
    private final RedisCommands<String, String> redis = connection.sync();
    private final RedisProbe probe = RedisProbe.of(server);
    private final String sweep = redis.scriptLoad(text("hand-sweep.lua"));
    private String look = "";
    private final Broker broker;

    /** The scripts as they are. */
    Real() {
        change(Map.of());
        // No request may be late because time was moved by hand, nor be sent again because the machine is slow.
        broker = RedisBroker.connect(
                swap.uri(),
                RedisOptions.defaults().withRequestTimeout(Durations.MAX).withCommandTimeout(Duration.ofMinutes(1)));
        broker.open();
    }

    /** Skips a test where no server can be started that says when a key expires. */
    static void assumeServerIsNewEnough() {
        try (RedisServer server = RedisServer.start();
                RedisClient client = RedisClient.create(server.uri())) {
            String info = client.connect().sync().info("server");
            assumeTrue(
                    !Pattern.compile("(?m)^redis_version:6").matcher(info).find(),
                    "the hand-moved clock needs PEXPIRETIME, which Redis has since 7.0");
        }
    }

    /** From now on these scripts have a change, and no others. */
    void change(Map<Script, UnaryOperator<String>> changes) {
        Map<String, byte[]> digests = new HashMap<>();
        for (Script script : Script.values()) {
            String source = ScriptTexts.source(script);
            String changed =
                    changes.getOrDefault(script, UnaryOperator.identity()).apply(source);
            String digest = redis.scriptLoad(onHandClock(script, changed));
            digests.put(ScriptTexts.digest(script), digest.getBytes(StandardCharsets.US_ASCII));
        }
        swap.swap(digests);
        look = redis.scriptLoad(text("hand-clock.lua") + RawState.script(changes));
    }

    private static String onHandClock(Script script, String source) {
        String again = script.isNumbered() ? "if redis.call('EXISTS', '" + TWICE + "') == 1 then hop() end\n" : "";
        return text("hand-clock.lua") + "local function hop()\n" + source + "end\n" + again + "return hop()\n";
    }

    Broker broker() {
        return broker;
    }

    /** Where its server is reached, by whoever wants the hand-moved clock, too. */
    int port() {
        return swap.port();
    }

    /** An empty server at the beginning of time. */
    void reset() {
        redis.flushdb();
        set(Model.START);
    }

    /** Sets the clock, and lets go of what has expired by then. */
    void set(long millis) {
        redis.evalsha(sweep, ScriptOutputType.STATUS, new String[0], Long.toString(millis));
    }

    /** Runs a script twice when it is called next, as when its first reply was lost and the call was sent again. */
    void loseReply() {
        redis.set(TWICE, "1");
    }

    void loseNoReply() {
        redis.del(TWICE);
    }

    /** What can be seen of the queue, in one look; of jobs that are in no list what is known of these. */
    RawState look(List<String> ended) {
        return RawState.read(
                redis.evalsha(look, ScriptOutputType.MULTI, new String[0], ended.toArray(String[]::new)), ended);
    }

    /**
     * Checks what must be true of the keys between any two calls. Only the doctor looks at the server's own clock: by
     * it jobs are still kept whose records have expired by the clock that is moved by hand.
     */
    void checkInvariants() {
        probe.checkInvariants(Operation.QUEUE, Set.of("kept"));
    }

    @Override
    public void close() {
        broker.close();
        swap.close();
        probe.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        server.close();
    }

    private static String text(String file) {
        try (InputStream in = Real.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
