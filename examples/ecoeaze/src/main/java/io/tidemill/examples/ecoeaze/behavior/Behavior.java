package io.tidemill.examples.ecoeaze.behavior;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What users do, in sorted sets: {@code behavior:user:<user>} has a user's last {@value #KEPT_ACTIONS} actions by time;
 * {@code behavior:users:<day>}, {@code behavior:actions:<day>} and {@code behavior:products:<day>} count actions of a
 * day by user, by action and by product, for 90 days. Thread-safe.
 */
public final class Behavior {

    /** How many actions are kept per user. */
    static final int KEPT_ACTIONS = 1000;

    private static final Duration KEPT = Duration.ofDays(90);

    private static final Duration REMEMBERED = Duration.ofDays(1);

    /** One script, so that an action is counted exactly if it is in the list, and both once. */
    private static final String TRACK = """
        if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[5]) then
          return 0
        end
        redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
        redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - ARGV[3])
        redis.call('PEXPIRE', KEYS[2], ARGV[4])
        for i = 3, #KEYS do
          redis.call('ZINCRBY', KEYS[i], 1, ARGV[i + 3])
          redis.call('PEXPIRE', KEYS[i], ARGV[4])
        end
        return 1
        """;

    private static final JsonMapper JSON =
            JsonMapper.builder().findAndAddModules().build();

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public Behavior(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /**
     * Notes what a user did.
     *
     * @return false if an action with this id was noted within a day
     */
    public boolean track(UserAction action) {
        LocalDate day = LocalDate.ofInstant(action.at(), ZoneOffset.UTC);
        String product = action.details().get("productId");
        List<String> keys = new ArrayList<>(List.of(
                "behavior:tracked:" + action.id(),
                userKey(action.user()),
                "behavior:users:" + day,
                "behavior:actions:" + day));
        if (product != null) {
            keys.add("behavior:products:" + day);
        }
        Long added = redis.sync()
                .eval(
                        TRACK,
                        ScriptOutputType.INTEGER,
                        keys.toArray(String[]::new),
                        String.valueOf(action.at().toEpochMilli()),
                        write(action),
                        String.valueOf(KEPT_ACTIONS),
                        String.valueOf(KEPT.toMillis()),
                        String.valueOf(REMEMBERED.toMillis()),
                        action.user(),
                        action.action(),
                        product == null ? "" : product);
        return added == 1;
    }

    /** What a user did last, newest first. */
    public List<UserAction> of(String user, int count) {
        return redis.sync().zrevrange(userKey(user), 0, count - 1L).stream()
                .map(Behavior::read)
                .toList();
    }

    /** How many actions there were on a day, by user, most first. */
    public Map<String, Integer> users(LocalDate day) {
        return counts("behavior:users:" + day);
    }

    /** How often each action was done on a day, most first. */
    public Map<String, Integer> actions(LocalDate day) {
        return counts("behavior:actions:" + day);
    }

    /** How many actions concerned each product on a day, most first. */
    public Map<String, Integer> products(LocalDate day) {
        return counts("behavior:products:" + day);
    }

    private Map<String, Integer> counts(String key) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (ScoredValue<String> each : redis.sync().zrevrangeWithScores(key, 0, -1)) {
            counts.put(each.getValue(), (int) each.getScore());
        }
        return counts;
    }

    private static String userKey(String user) {
        return "behavior:user:" + user;
    }

    private static String write(UserAction action) {
        try {
            return JSON.writeValueAsString(action);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of texts is always JSON", e);
        }
    }

    private static UserAction read(String json) {
        try {
            return JSON.readValue(json, UserAction.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not an action: " + json, e);
        }
    }
}
