package io.tidemill.examples.engreene;

import io.lettuce.core.RedisURI;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What differs between installations, read from environment variables. Immutable.
 *
 * @param redisUrl {@code REDIS_URL} with {@code REDIS_PASSWORD}: a server, or one node of a cluster
 * @param commissionRate {@code COMMISSION_RATE}: the share of each booking that Engreene keeps, 0 to 1
 * @param reminderHours {@code RESPONSE_REMINDER_HOURS}: when a vendor is reminded, in hours since the client wrote
 * @param hour {@code ENGREENE_HOUR_MILLIS}: how long such an hour is; less in the demo, which cannot wait for a week
 * @param smtpHost {@code SMTP_HOST}
 * @param smtpPort {@code SMTP_PORT}
 * @param vendorUrl {@code VENDOR_URL}: where vendors are notified, over HTTP
 */
public record Settings(
        String redisUrl,
        BigDecimal commissionRate,
        List<Integer> reminderHours,
        Duration hour,
        String smtpHost,
        int smtpPort,
        URI vendorUrl) {

    private static final int MOST_REMINDERS = 20;
    private static final int LATEST_HOUR = 8_760;
    private static final int MOST_DECIMALS = 6;

    /** The settings of this process. */
    public static Settings fromEnvironment() {
        return from(System.getenv());
    }

    /**
     * Reads these variables; what is missing has a default that suits a developer's machine.
     *
     * @throws IllegalArgumentException if any cannot be read; names all that is wrong, without the password
     */
    public static Settings from(Map<String, String> environment) {
        Reader reader = new Reader(environment);
        Settings settings = new Settings(
                reader.redisUrl(),
                reader.read("COMMISSION_RATE", "0.10", "a number from 0 to 1, such as 0.10", Settings::rate),
                reader.read(
                        "RESPONSE_REMINDER_HOURS",
                        "8,24,48,168",
                        "1 to 20 whole hours, rising, 1 to 8760 each, such as 8,24,48,168",
                        Settings::hours),
                Duration.ofMillis(reader.number("ENGREENE_HOUR_MILLIS", "3600000", 1, 3_600_000)),
                environment.getOrDefault("SMTP_HOST", "localhost"),
                reader.number("SMTP_PORT", "25", 1, 65_535),
                reader.read(
                        "VENDOR_URL", "http://localhost:8091", "an address such as http://host:8091", Settings::http));
        if (!reader.problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", reader.problems));
        }
        return settings;
    }

    /** How long after the client wrote each reminder is due. */
    public List<Duration> reminders() {
        return reminderHours.stream().map(hour::multipliedBy).toList();
    }

    /** The address without the password, for logs and pages. */
    public String redisName() {
        RedisURI uri = RedisURI.create(redisUrl);
        return uri.getHost() + ":" + uri.getPort();
    }

    /** Without the address of Redis, which may have a password. */
    @Override
    public String toString() {
        return "Settings[redis=" + redisName() + ", commissionRate=" + commissionRate + ", reminderHours="
                + reminderHours + ", hour=" + hour + ", smtp=" + smtpHost + ":" + smtpPort + ", vendorUrl=" + vendorUrl
                + "]";
    }

    private static BigDecimal rate(String value) {
        BigDecimal rate = new BigDecimal(value);
        check(rate.signum() >= 0 && rate.compareTo(BigDecimal.ONE) <= 0 && rate.scale() <= MOST_DECIMALS);
        return rate;
    }

    private static List<Integer> hours(String value) {
        List<Integer> hours = new ArrayList<>();
        int last = 0;
        for (String part : value.split(",", -1)) {
            int hour = Integer.parseInt(part.strip());
            check(hour > last && hour <= LATEST_HOUR);
            hours.add(hour);
            last = hour;
        }
        check(hours.size() <= MOST_REMINDERS);
        return List.copyOf(hours);
    }

    private static URI http(String value) {
        URI uri = URI.create(value);
        check(uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())));
        return uri;
    }

    private static void check(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException();
        }
    }

    /** Reads variables and notes what is wrong with them, so that all of it is said at once. */
    private static final class Reader {

        private final Map<String, String> environment;
        private final List<String> problems = new ArrayList<>();

        Reader(Map<String, String> environment) {
            this.environment = environment;
        }

        int number(String name, String otherwise, int least, int most) {
            return read(name, otherwise, "a whole number from " + least + " to " + most, value -> {
                int number = Integer.parseInt(value);
                check(number >= least && number <= most);
                return number;
            });
        }

        /** The default stands in for a value that is wrong: the settings are not given out then. */
        <V> V read(String name, String otherwise, String expected, Function<String, V> parse) {
            String value = environment.getOrDefault(name, otherwise);
            try {
                return parse.apply(value);
            } catch (IllegalArgumentException e) {
                problems.add(name + " must be " + expected + ", got '" + value + "'");
                return parse.apply(otherwise);
            }
        }

        /** What is wrong with it is said without its value, which may have a password. */
        String redisUrl() {
            String url = environment.getOrDefault("REDIS_URL", "redis://localhost:6379");
            String password = environment.get("REDIS_PASSWORD");
            try {
                URI uri = URI.create(url);
                check(uri.getHost() != null && ("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme())));
                if (password == null || password.isEmpty()) {
                    return url;
                }
                return withPassword(uri, password);
            } catch (IllegalArgumentException e) {
                problems.add("REDIS_URL must be an address such as redis://localhost:6379");
                return url;
            }
        }

        private String withPassword(URI uri, String password) {
            String user = uri.getRawUserInfo();
            if (user != null && user.contains(":")) {
                problems.add("REDIS_PASSWORD is set, and REDIS_URL has a password as well; leave one of them out");
                return uri.toString();
            }
            // URLEncoder writes a space as a plus, which an address would read as a plus
            String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
            return uri.getScheme() + "://" + name(user) + ":" + encoded + "@" + uri.getHost() + port(uri)
                    + (uri.getRawPath() == null ? "" : uri.getRawPath());
        }

        private static String name(@Nullable String user) {
            return user == null ? "" : user;
        }

        private static String port(URI uri) {
            return uri.getPort() < 0 ? "" : ":" + uri.getPort();
        }
    }
}
