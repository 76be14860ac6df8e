package io.tidemill.examples.ecoeaze.recommendations;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who bought what, in the sets {@code purchases:user:<user>} and {@code purchases:product:<product>}, and what is
 * recommended to whom, in the sorted sets {@code recommendations:<user>}. Thread-safe.
 */
public final class Purchases {

    /** One script, so that no page ever sees an empty list between two. */
    private static final String REPLACE = """
        redis.call('DEL', KEYS[1])
        return #ARGV > 0 and redis.call('ZADD', KEYS[1], unpack(ARGV)) or 0
        """;

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public Purchases(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /** Notes that a user bought a product. */
    public void add(String user, String product) {
        redis.sync().sadd("purchases:user:" + user, product);
        redis.sync().sadd("purchases:product:" + product, user);
    }

    /** What a user bought. */
    Set<String> of(String user) {
        return redis.sync().smembers("purchases:user:" + user);
    }

    /** How many users bought a product. */
    long buyers(String product) {
        return redis.sync().scard("purchases:product:" + product);
    }

    /** How many users bought both of two products. */
    int buyersOfBoth(String one, String other) {
        return redis.sync()
                .sinter("purchases:product:" + one, "purchases:product:" + other)
                .size();
    }

    /** Keeps what is recommended to a user, in place of what was. */
    void recommend(String user, Map<String, Double> scores) {
        List<String> members = new ArrayList<>();
        scores.forEach((product, score) -> members.addAll(List.of(score.toString(), product)));
        String[] keys = {"recommendations:" + user};
        redis.sync().eval(REPLACE, ScriptOutputType.INTEGER, keys, members.toArray(String[]::new));
    }

    /** What is recommended to a user, best first. */
    public List<String> recommendations(String user, int count) {
        return redis.sync().zrevrangebyscore("recommendations:" + user, Range.unbounded(), Limit.create(0, count));
    }
}
