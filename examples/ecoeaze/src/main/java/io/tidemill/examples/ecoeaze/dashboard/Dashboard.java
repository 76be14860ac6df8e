package io.tidemill.examples.ecoeaze.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.Optional;

/**
 * The live figures as JSON: published on {@code dashboard:live} for those who watch, and kept for a minute under
 * {@code dashboard:figures} for those who come later. Thread-safe.
 */
public final class Dashboard {

    /** Where figures are published. */
    public static final String CHANNEL = "dashboard:live";

    private static final Duration KEPT = Duration.ofMinutes(1);

    private static final JsonMapper JSON = JsonMapper.builder()
            .findAndAddModules()
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public Dashboard(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /**
     * Keeps and publishes figures.
     *
     * @return how many clients received them
     */
    public long publish(LiveFigures figures) {
        String json = json(figures);
        redis.sync().set("dashboard:figures", json, SetArgs.Builder.px(KEPT));
        return redis.sync().publish(CHANNEL, json);
    }

    /** The last figures, as JSON; empty if they are older than a minute. */
    public Optional<String> find() {
        return Optional.ofNullable(redis.sync().get("dashboard:figures"));
    }

    /** Writes records, lists and maps as pages read them. */
    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("figures and texts are always JSON", e);
        }
    }
}
