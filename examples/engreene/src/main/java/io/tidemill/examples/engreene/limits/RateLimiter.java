package io.tidemill.examples.engreene.limits;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * How often a user may do something within a time that ends now: in any window of that length there are never more.
 * Each use that was let through is in a sorted set {@code rate:<user>:<action>} by the time of Redis, which one script
 * trims, counts and adds to, so that processes that ask at once do not let more through together. A use that was
 * refused does not count. Costs as much memory as uses are allowed: for limits up to some thousands. Thread-safe.
 */
public final class RateLimiter {

    private static final int MOST = 10_000;
    private static final Duration LONGEST = Duration.ofDays(7);

    /**
     * KEYS: the uses. ARGV: most of them, window in ms, name of this one. Gives: allowed, left, ms until one is free.
     */
    private static final String USE = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
        local used = redis.call('ZCARD', KEYS[1])
        if used >= most then
          local oldest = redis.call('ZRANGE', KEYS[1], used - most, used - most, 'WITHSCORES')
          return {0, 0, oldest[2] + window - now}
        end
        redis.call('ZADD', KEYS[1], now, ARGV[3])
        redis.call('PEXPIRE', KEYS[1], window)
        return {1, most - used - 1, 0}
        """;

    private final RedisClusterCommands<String, String> redis;

    /** On this connection. */
    public RateLimiter(RedisClusterCommands<String, String> redis) {
        this.redis = redis;
    }

    /**
     * What became of a use.
     *
     * @param allowed whether it may go on
     * @param left how many more may follow at once
     * @param retryAfter how long until the next one may; zero if this one was allowed
     */
    public record Decision(boolean allowed, long left, Duration retryAfter) {}

    /**
     * Uses up one of the allowed times, if one is left.
     *
     * @param user whose limit it is: a user, an address
     * @param action what is done, such as {@code api_call}
     * @param limit how often, 1 to 10,000
     * @param windowMillis within how long, 1 ms to 7 days
     */
    public Decision use(String user, String action, int limit, long windowMillis) {
        if (limit < 1 || limit > MOST || windowMillis < 1 || windowMillis > LONGEST.toMillis()) {
            throw new IllegalArgumentException("a rate limit is 1 to " + MOST + " in 1 ms to 7 days, got " + limit
                    + " in " + windowMillis + " ms");
        }
        List<Long> answer = redis.eval(
                USE,
                ScriptOutputType.MULTI,
                new String[] {key(user, action)},
                String.valueOf(limit),
                String.valueOf(windowMillis),
                UUID.randomUUID().toString());
        return new Decision(answer.get(0) == 1, answer.get(1), Duration.ofMillis(answer.get(2)));
    }

    static String key(String user, String action) {
        return "rate:" + user + ":" + action;
    }
}
