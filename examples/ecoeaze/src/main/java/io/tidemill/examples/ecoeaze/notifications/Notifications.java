package io.tidemill.examples.ecoeaze.notifications;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.List;

/**
 * Delivers notifications to whoever listens to {@code notifications:<user>} now, and keeps each user's last
 * {@value #HISTORY} in the list {@code notifications:history:<user>}, newest first. Thread-safe.
 */
public final class Notifications {

    /** How many notifications are kept per user. */
    public static final int HISTORY = 100;

    private static final int REMEMBERED_SECONDS = 24 * 60 * 60;

    /** One script, so that a notification is in the history exactly if it was published, and neither happens twice. */
    private static final String PUSH = """
            if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[4]) then
              return -1
            end
            redis.call('LPUSH', KEYS[1], ARGV[2])
            redis.call('LTRIM', KEYS[1], 0, ARGV[3] - 1)
            return redis.call('PUBLISH', ARGV[1], ARGV[2])
            """;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public Notifications(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /** Where a user's notifications are published. */
    public static String channel(String user) {
        return "notifications:" + user;
    }

    /** Where a user's last notifications are kept. */
    public static String historyKey(String user) {
        return "notifications:history:" + user;
    }

    /** Reads what was published or kept. */
    public static Notification parse(String json) {
        try {
            return JSON.readValue(json, Notification.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a notification: " + json, e);
        }
    }

    /**
     * Publishes a notification and adds it to the user's history. One with an id that was sent within a day changes
     * nothing.
     *
     * @return how many clients received it; -1 if it had been sent before
     */
    public long push(String user, Notification notification) {
        String[] keys = {historyKey(user), "notifications:sent:" + notification.id()};
        Long receivers = redis.sync()
                .eval(
                        PUSH,
                        ScriptOutputType.INTEGER,
                        keys,
                        channel(user),
                        write(notification),
                        String.valueOf(HISTORY),
                        String.valueOf(REMEMBERED_SECONDS));
        return receivers;
    }

    /** A user's last notifications, newest first. */
    public List<Notification> history(String user) {
        return redis.sync().lrange(historyKey(user), 0, -1).stream()
                .map(Notifications::parse)
                .toList();
    }

    private static String write(Notification notification) {
        try {
            return JSON.writeValueAsString(notification);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of four texts is always JSON", e);
        }
    }
}
