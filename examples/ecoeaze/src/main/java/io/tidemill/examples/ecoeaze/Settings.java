package io.tidemill.examples.ecoeaze;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where everything is, read from environment variables.
 *
 * @param redisUrl {@code REDIS_URL}, without a database: {@link RedisDb} says which is used for what
 * @param smtpHost {@code SMTP_HOST}
 * @param smtpPort {@code SMTP_PORT}
 * @param smsUrl {@code SMS_URL}: where text messages are posted
 * @param httpPort {@code ECOEAZE_HTTP_PORT}: where the live figures are served; 0 for any port that is free
 * @param metricsPort {@code ECOEAZE_METRICS_PORT}: where a worker shows what it measures; 0 for any port that is free
 * @param uploadDir {@code ECOEAZE_UPLOAD_DIR}: photos as the farmers uploaded them
 * @param outputDir {@code ECOEAZE_OUTPUT_DIR}: where reports and finished images go
 */
public record Settings(
        URI redisUrl,
        String smtpHost,
        int smtpPort,
        URI smsUrl,
        int httpPort,
        int metricsPort,
        Path uploadDir,
        Path outputDir) {

    /** The settings of this process. */
    public static Settings fromEnvironment() {
        return from(System.getenv());
    }

    /** Reads these variables; what is missing has a default that suits a developer's machine. */
    public static Settings from(Map<String, String> environment) {
        Path output = Path.of(environment.getOrDefault("ECOEAZE_OUTPUT_DIR", "target/ecoeaze-out"));
        String upload = environment.get("ECOEAZE_UPLOAD_DIR");
        return new Settings(
                URI.create(environment.getOrDefault("REDIS_URL", "redis://localhost:6379")),
                environment.getOrDefault("SMTP_HOST", "localhost"),
                port("SMTP_PORT", environment.getOrDefault("SMTP_PORT", "25"), 1),
                URI.create(environment.getOrDefault("SMS_URL", "http://localhost:8090/messages")),
                port("ECOEAZE_HTTP_PORT", environment.getOrDefault("ECOEAZE_HTTP_PORT", "8080"), 0),
                port("ECOEAZE_METRICS_PORT", environment.getOrDefault("ECOEAZE_METRICS_PORT", "9464"), 0),
                upload == null ? output.resolve("uploads") : Path.of(upload),
                output);
    }

    /** The address of one of the databases, for example {@code redis://localhost:6379/2}. */
    public String redis(RedisDb db) {
        return redisUrl.resolve("/" + db.number()).toString();
    }

    private static int port(String name, String value, int least) {
        try {
            int port = Integer.parseInt(value);
            if (port >= least && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, in the same words as a number out of range
        }
        throw new IllegalArgumentException(name + " must be a port, " + least + " to 65535, got '" + value + "'");
    }
}
