package io.tidemill.redis;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.redis.Scenario.Call;
import io.tidemill.redis.Scenario.Play;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.redis.script.Script;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Jobs beside those of a scenario, so that each key that the script declares is there: in a slot on its way between
 * nodes a script with a declared key that does not exist is refused as a whole.
 */
final class Filling {

    private static final String HEAD = "4000000000000n";
    private static final double NEVER = 9e14;

    private final RedisClusterCommands<String, String> redis;
    private final String queue;
    private final List<String> names;

    private Filling(Play play) {
        redis = play.probe.redis();
        queue = play.queue;
        names = play.script().keys();
    }

    static void fill(Play play, Call call) {
        Filling filling = new Filling(play);
        filling.active(play.script());
        filling.waiting();
        filling.groups(play.script());
        filling.rest(play.script(), call);
    }

    private void active(Script script) {
        if (names.contains("lease") && redis.exists(key("lease:w1:1")) == 0) {
            hold("w1:1", "f-held", "-");
        }
        if (names.contains("leases")) {
            hold("f-token", "f-active", names.contains("cancels") ? "c" : "-");
        }
        if (names.contains("cancels")) {
            redis.sadd(key("cancels"), "f-active");
        }
    }

    private void hold(String token, String id, String mark) {
        record(id, "A", mark, "");
        redis.sadd(key("lease:" + token), id);
        redis.zadd(key("leases"), NEVER, token);
    }

    private void waiting() {
        if (names.contains("ready")) {
            record("f-ready", "A", "-", "");
            redis.rpush(key("ready"), "f-ready");
        }
        if (names.contains("levels")) {
            record("f-low", "A", "-", "");
            redis.rpush(key("ready:2"), "f-low");
            redis.zadd(key("levels"), -2, "2");
        }
        if (names.contains("delayed") || names.contains("awaited")) {
            record("f-later", "A", "-", "");
            redis.zadd(key("delayed"), NEVER, "f-later");
        }
        if (names.contains("awaited")) {
            redis.sadd(key("awaited"), "f-later");
        }
        if (names.contains("dropped")) {
            record("f-dropped", "A", "c", "");
            redis.rpush(key("ready"), "f-dropped");
            redis.sadd(key("dropped"), "f-dropped");
        }
        if (names.contains("expiring")) {
            String until = Long.toString((long) NEVER);
            record("f-expiring", "B", "-", "x" + until);
            redis.rpush(key("ready"), "f-expiring");
            redis.zadd(key("expiring"), NEVER, "f-expiring");
        }
        if (names.contains("unfilled")) {
            record("f-unfilled", "B", "-", "p");
            redis.hset(key("places:f-unfilled"), "#", "1");
            redis.zadd(key("unfilled"), NEVER, "f-unfilled");
        }
    }

    private void groups(Script script) {
        if (names.contains("turns")) {
            record("f-turn", "B", "-", "gf-turns");
            redis.rpush(key("group:f-turns"), "f-turn");
            redis.rpush(key("turns"), "f-turns");
        }
        if (names.contains("parked")) {
            record("f-parked", "B", "-", "gf-parks");
            redis.rpush(key("group:f-parks"), "f-parked");
            redis.zadd(key("parked"), NEVER, "f-parks");
        }
        if (names.contains("limits")) {
            redis.hset(key("limits"), "group:f-parks", "r1/1000/1");
        }
        if (names.contains("limits") && script != Script.LIMIT) {
            redis.hsetnx(key("limits"), "queue", "c9000");
        }
        if (script != Script.LIMIT
                && String.valueOf(redis.hget(key("limits"), "queue")).startsWith("c")) {
            // What runs is counted, and those that are not to be overtaken stay.
            List<String> sets = new ArrayList<>(List.of(key("holders")));
            redis.zrange(key("leases"), 0, -1).forEach(token -> sets.add(key("lease:" + token)));
            redis.sunionstore(key("holders"), sets.toArray(String[]::new));
        }
    }

    private void rest(Script script, Call call) {
        // A queue with schedules is not erased.
        if (names.contains("schedules") && script != Script.ERASE) {
            redis.zadd(key("schedules"), NEVER, "f-schedule");
            redis.hset(key("plans"), "f-schedule", "r1 " + (long) NEVER + " content");
        }
        if (names.contains("dead")) {
            record("f-dead", "A", "-", "");
            redis.zadd(key("dead"), NEVER, "f-dead");
        }
        if (names.contains("kept")) {
            redis.psetex(key("kept:f-kept"), 300_000, "A-" + HEAD + "body" + "0".repeat(32));
            redis.zadd(key("kept"), NEVER, "f-kept");
            redis.pexpire(key("kept"), 300_000);
        }
        if (names.contains("counts")) {
            redis.hincrby(key("counts"), "accepted", 1);
        }
        if (names.contains("waiting")) {
            redis.zadd(key("waiting"), NEVER, "nobody");
            redis.pexpire(key("waiting"), 300_000);
        }
        if (names.contains("review")) {
            redis.setnx(key("review"), "2");
        }
        if (names.contains("request")) {
            String name =
                    new String(new Keyspace("tm", queue).request("test", script.hop()), StandardCharsets.US_ASCII);
            redis.psetex(name, 3_600_000, "0:");
        }
        if (names.contains("taken")) {
            redis.psetex(key("taken:w1"), 60_000, "0 0");
        }
        if (names.contains("worker")) {
            redis.psetex(key("worker:w1"), 60_000, "1 info");
        }
        if (names.contains("commands")) {
            redis.hset(key("commands:w1"), "f-command", "1 " + (long) NEVER + " ping");
            redis.pexpire(key("commands:w1"), 300_000);
        }
        // Empty: it is there, and nothing was answered.
        call.keys().stream()
                .filter(name -> name.startsWith(key("reply:")))
                .forEach(name -> redis.psetex(name, 60_000, ""));
        if (names.contains("result")) {
            redis.psetex(call.keys().get(names.indexOf("result")), 60_000, "S");
        }
    }

    private void record(String id, String layout, String mark, String constraints) {
        String section = constraints.isEmpty() ? "" : String.format("%04d", constraints.length()) + constraints;
        redis.set(key("job:" + id), layout + mark + HEAD + section + "body");
    }

    private String key(String name) {
        return RedisProbe.key(queue, name);
    }
}
