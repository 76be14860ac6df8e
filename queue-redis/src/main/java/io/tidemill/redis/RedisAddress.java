package io.tidemill.redis;

import io.lettuce.core.RedisURI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How addresses of Redis are read and shown. What is shown has no credentials. */
final class RedisAddress {

    private static final Pattern NODES =
            Pattern.compile("(?<before>rediss?://(?:.*@)?)(?<hosts>[^/?#@]*,[^/?#@]*)(?<after>.*)");

    private RedisAddress() {}

    /**
     * Reads an address, which may name several nodes of a cluster, separated by commas; an error names what is wrong,
     * and no password.
     */
    static List<RedisURI> parse(String uri) {
        try {
            Matcher nodes = NODES.matcher(uri);
            if (!nodes.matches()) {
                return List.of(RedisURI.create(uri));
            }
            List<RedisURI> parsed = new ArrayList<>();
            for (String host : nodes.group("hosts").split(",", -1)) {
                if (host.isBlank()) {
                    throw new MissingHostException();
                }
                parsed.add(RedisURI.create(nodes.group("before") + host.strip() + nodes.group("after")));
            }
            return List.copyOf(parsed);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "the Redis address must look like redis://host:6379, rediss://host:6380/0,"
                            + " redis-sentinel://host:26379/0#name or, for the nodes of a cluster,"
                            + " redis://host1:6379,host2:6379; it could not be read: "
                            + e.getClass().getSimpleName());
        }
    }

    /** Only its name is shown. */
    private static final class MissingHostException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Hosts and ports, without credentials. */
    static String text(List<RedisURI> uris) {
        return uris.stream().map(RedisAddress::text).collect(Collectors.joining(","));
    }

    /** Host and port, or the sentinels and the name they watch; no credentials. */
    static String text(RedisURI uri) {
        if (uri.getSentinels().isEmpty()) {
            return uri.getSocket() != null ? uri.getSocket() : uri.getHost() + ":" + uri.getPort();
        }
        StringBuilder text = new StringBuilder("sentinel ");
        for (RedisURI sentinel : uri.getSentinels()) {
            text.append(sentinel.getHost())
                    .append(':')
                    .append(sentinel.getPort())
                    .append(' ');
        }
        return text.append("for ").append(uri.getSentinelMasterId()).toString();
    }
}
