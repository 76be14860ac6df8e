package io.tidemill.examples.fashiondeck.analytics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/**
 * What was searched for, a list {@code fashiondeck:queries:<day>} of JSON lines for each day in the zone of
 * FashionDeck, kept for 30 days. Thread-safe.
 */
public final class QueryLog {

    /** Where FashionDeck's day begins and ends. */
    public static final ZoneId ZONE = ZoneId.of("Asia/Kolkata");

    private static final Duration KEPT = Duration.ofDays(30);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StatefulRedisConnection<String, String> redis;
    private final Clock clock;

    /** On this connection; the clock says which day it is. */
    public QueryLog(StatefulRedisConnection<String, String> redis, Clock clock) {
        this.redis = redis;
        this.clock = clock;
    }

    /** Where the lines of a day are. */
    public static String key(LocalDate day) {
        return "fashiondeck:queries:" + day;
    }

    /** Adds a search. */
    public void add(QueryRecord search) {
        String key = key(LocalDate.now(clock.withZone(ZONE)));
        redis.sync().rpush(key, write(search));
        redis.sync().expire(key, KEPT);
    }

    /**
     * The searches of a day, in their order.
     *
     * @throws BrokenLogException if a line cannot be read
     */
    List<QueryRecord> read(LocalDate day) throws BrokenLogException {
        List<String> lines = redis.sync().lrange(key(day), 0, -1);
        QueryRecord[] searches = new QueryRecord[lines.size()];
        for (int i = 0; i < searches.length; i++) {
            try {
                searches[i] = JSON.readValue(lines.get(i), QueryRecord.class);
            } catch (JsonProcessingException e) {
                throw new BrokenLogException("line " + (i + 1) + " of " + key(day) + " cannot be read", e);
            }
        }
        return List.of(searches);
    }

    private static String write(QueryRecord search) {
        try {
            return JSON.writeValueAsString(search);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of a text and numbers is always JSON", e);
        }
    }
}
