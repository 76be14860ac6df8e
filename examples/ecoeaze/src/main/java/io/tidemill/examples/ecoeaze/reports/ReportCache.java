package io.tidemill.examples.ecoeaze.reports;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What is in the reports of the last hour, as JSON under {@code reports:<name>}, so that a report that was just written
 * is not written again. Thread-safe.
 */
public final class ReportCache {

    private static final Duration KEPT = Duration.ofHours(1);
    private static final JsonMapper JSON =
            JsonMapper.builder().findAndAddModules().build();

    private final StatefulRedisConnection<String, String> redis;

    /** How a report is written. */
    @FunctionalInterface
    public interface Writer<R> {
        /** Writes it. */
        R write() throws IOException;
    }

    /** On this connection. */
    public ReportCache(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /** The report of this name, written now if there is none, or if its file is gone. */
    public <R> R get(String name, Class<R> type, Writer<R> writer) throws IOException {
        String known = redis.sync().get("reports:" + name);
        if (known != null
                && Files.exists(Path.of(JSON.readTree(known).get("path").asText()))) {
            return JSON.readValue(known, type);
        }
        R report = writer.write();
        redis.sync().set("reports:" + name, JSON.writeValueAsString(report), SetArgs.Builder.px(KEPT));
        return report;
    }
}
