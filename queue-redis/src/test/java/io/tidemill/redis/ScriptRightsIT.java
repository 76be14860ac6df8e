package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandType;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.script.Script;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Users who may run every command but one: every script, every command that stands in it. An ordinary build tries one
 * in twelve of the commands, others in each scenario than in the one before.
 */
@Tag(Thorough.TAG)
class ScriptRightsIT {

    private static final int ONE_IN = Thorough.size(12, 1);

    private static RedisServer server;
    private static RedisProbe probe;
    private static RedisClient client;
    private static StatefulRedisConnection<byte[], byte[]> everything;
    private static boolean canAsk;
    private static final Map<String, StatefulRedisConnection<byte[], byte[]>> LACKING = new HashMap<>();

    private final RedisBroker broker = RedisBroker.connect(server.uri());

    @BeforeAll
    static void start() {
        server = RedisServer.start();
        probe = RedisProbe.of(server);
        client = RedisClient.create(server.uri());
        everything = client.connect(ByteArrayCodec.INSTANCE);
        canAsk = !probe.redis().info("server").contains("redis_version:6.");
    }

    @AfterAll
    static void end() {
        LACKING.clear();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        probe.close();
        server.close();
    }

    @AfterEach
    void close() {
        broker.close();
        probe.redis().flushall();
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void a_user_who_lacks_one_command_changes_nothing_or_does_not_need_it(Scenario scenario) {
        assumeTrue(canAsk, "in scripts of a server before 7.0 nobody can ask what a user may do");
        Play play = null;
        Call call = null;
        Map<String, String> before = Map.of();
        for (String command : chosen(scenario, Sources.commands(scenario.script()))) {
            if (play == null) {
                play = new Play(scenario.script(), broker, probe, everything);
                call = scenario.prepare(play);
                before = probe.contents(play.queue);
            }

            String refusal = refusal(play, call, lacking(command));

            Map<String, String> after = probe.contents(play.queue);
            if (refusal.isEmpty()) {
                assertThat(after).as("without %s", command).isNotEqualTo(before);
                play = null;
            } else {
                assertThat(refusal).matches("(NOPERM|ERR The user executing the script can't).*");
                if (!after.equals(before)) {
                    assertOnlyPromoted(play, command, before, after);
                    assertThat(play.send(call)).first().isEqualTo("OK");
                    assertThat(probe.places(play.queue).values()).allMatch(states -> states.size() == 1);
                    play = null;
                }
            }
        }
    }

    /** A claim promotes what is due before it looks further. That is a whole step: all is as it must be after it. */
    private static void assertOnlyPromoted(
            Play play, String command, Map<String, String> before, Map<String, String> after) {
        assertThat(play.script()).isIn(Script.CLAIM, Script.COMPLETE);
        Set<String> changed = new TreeSet<>();
        for (Map<String, String> some : List.of(before, after)) {
            some.forEach((key, value) -> {
                if (!value.equals(before.get(key)) || !value.equals(after.get(key))) {
                    changed.add(key.substring(RedisProbe.key(play.queue, "").length()));
                }
            });
        }
        assertThat(changed)
                .as("without %s", command)
                .contains("delayed")
                .allMatch(key -> key.matches("delayed|levels|ready.*|blocking|group:.*|holders.*|parked|turns"));
        assertThat(probe.places(play.queue).values()).allMatch(states -> states.size() == 1);
    }

    /**
     * Servers before 7.0 do not say in a script what its user may do, and there a call may be left half done. No job
     * that was there is out of reach all the same.
     */
    @ParameterizedTest
    @EnumSource(Scenario.class)
    void where_a_script_cannot_ask_no_job_is_lost(Scenario scenario) {
        for (String command : chosen(scenario, Sources.writes(scenario.script()))) {
            Play play = new Play(scenario.script(), broker, probe, everything);
            Call call = scenario.prepare(play);
            Set<String> there = probe.places(play.queue).keySet();

            runBlind(play, call, lacking(command));

            Set<String> unreachable = probe.recorded(play.queue);
            unreachable.removeAll(probe.places(play.queue).keySet());
            unreachable.retainAll(there);
            assertThat(unreachable).as("without %s", command).isEmpty();
        }
    }

    private static List<String> chosen(Scenario scenario, Set<String> commands) {
        List<String> chosen = new ArrayList<>();
        int at = scenario.ordinal();
        for (String command : commands) {
            if (at++ % ONE_IN == 0) {
                chosen.add(command);
            }
        }
        return chosen;
    }

    private static void runBlind(Play play, Call call, StatefulRedisConnection<byte[], byte[]> connection) {
        String source = Sources.code(call.script());
        assertThat(source.contains("local check = redis.acl_check_cmd")).isEqualTo(source.contains("needs("));
        connection
                .async()
                .eval(
                        source.replace("redis.acl_check_cmd", "nil"),
                        ScriptOutputType.MULTI,
                        Play.bytes(call.keys()),
                        Play.bytes(call.arguments()))
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .handle((reply, failure) -> reply)
                .join();
    }

    private static String refusal(Play play, Call call, StatefulRedisConnection<byte[], byte[]> connection) {
        try {
            play.over(connection).send(call);
            return "";
        } catch (CompletionException e) {
            return String.valueOf(e.getCause().getMessage());
        }
    }

    /** A connection of a user who may do everything but run this command. */
    private static StatefulRedisConnection<byte[], byte[]> lacking(String command) {
        return LACKING.computeIfAbsent(command, name -> {
            String user = "no-" + name.toLowerCase(Locale.ROOT);
            probe.redis()
                    .aclSetuser(
                            user,
                            AclSetuserArgs.Builder.on()
                                    .addPassword("secret")
                                    .keyPattern("tm:*")
                                    .resetChannels()
                                    .channelPattern("tm:*")
                                    .allCommands()
                                    .removeCommand(CommandType.valueOf(name)));
            RedisURI uri = RedisURI.create(server.uri().replace("redis://", "redis://" + user + ":secret@"));
            return client.connect(ByteArrayCodec.INSTANCE, uri);
        });
    }
}
