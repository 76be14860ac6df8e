package io.tidemill.test.redis;

import io.tidemill.test.Waits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis with a replica for tests, and three real sentinels that watch it. When the master is away for two
 * seconds, they make the replica the master.
 *
 * <pre>{@code
 * try (RedisSentinels sentinels = RedisSentinels.start("shop")) {
 *     broker = RedisBroker.connect(sentinels.uri());
 *     sentinels.awaitReplicated();
 *     sentinels.master().kill9();
 *     sentinels.awaitFailover();
 * }
 * }</pre>
 *
 * <p>Ends only the processes that it has started. Not thread-safe.
 */
public final class RedisSentinels implements AutoCloseable {

    private static final int SENTINELS = 3;
    private static final int QUORUM = 2;
    private static final int DOWN_AFTER_MILLIS = 2_000;
    /** Also half of the time until a vote without a winner is repeated. */
    private static final int FAILOVER_MILLIS = 3_000;

    private static final Pattern OFFSET = Pattern.compile("(?m)^master_repl_offset:(\\d+)");
    private static final Pattern REPLICA = Pattern.compile("(?m)^slave0:.*state=online,offset=(\\d+)");

    private final String name;
    private final List<RedisServer> servers = new ArrayList<>();
    private final List<RedisServer> sentinels = new ArrayList<>();

    private RedisSentinels(String name) {
        this.name = name;
    }

    /**
     * Starts all of them, and waits until the replica has what the master has and the sentinels know of each other and
     * of the replica.
     *
     * @param name what the sentinels call the master
     * @param extraArguments more arguments for the two servers, as on the command line
     */
    public static RedisSentinels start(String name, String... extraArguments) {
        RedisSentinels started = new RedisSentinels(name);
        try {
            started.startServers(extraArguments);
            started.startSentinels();
            return started;
        } catch (RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    private void startServers(String... extraArguments) {
        RedisServer master = RedisServer.start(extraArguments);
        servers.add(master);
        List<String> arguments = new ArrayList<>(List.of(extraArguments));
        arguments.addAll(List.of("--replicaof", "127.0.0.1", Integer.toString(master.port())));
        servers.add(RedisServer.start(arguments.toArray(String[]::new)));
        awaitReplicated();
    }

    private void startSentinels() {
        String about = "sentinel %s " + name + " %s\n";
        String lines = about.formatted("monitor", "127.0.0.1 " + master().port() + " " + QUORUM)
                + about.formatted("down-after-milliseconds", DOWN_AFTER_MILLIS)
                + about.formatted("failover-timeout", FAILOVER_MILLIS);
        for (int i = 0; i < SENTINELS; i++) {
            sentinels.add(RedisServer.startSentinel(lines));
        }
        for (RedisServer sentinel : sentinels) {
            Waits.until("a sentinel knows the others and the replica", () -> knowsAll(sentinel));
        }
    }

    /** As {@code RedisBroker.connect} takes it: all sentinels, database 0, and the name. */
    public String uri() {
        return "redis-sentinel://" + addresses() + "/0#" + name;
    }

    /** Hosts and ports of the sentinels, separated by commas. */
    public String addresses() {
        return sentinels.stream().map(each -> "127.0.0.1:" + each.port()).collect(Collectors.joining(","));
    }

    /** The server that was started as the master. */
    public RedisServer master() {
        return servers.get(0);
    }

    /** The server that was started as its replica. */
    public RedisServer replica() {
        return servers.get(1);
    }

    /** One sentinel; the first is 0. */
    public RedisServer sentinel(int index) {
        return sentinels.get(index);
    }

    /** Waits until the replica has everything that the master had when this was called. */
    public void awaitReplicated() {
        long written = number(OFFSET, replication(master()));
        Waits.until(
                "the replica has what the master has",
                () -> number(REPLICA, replication(master())) >= Math.max(written, 0));
    }

    /** Waits until the replica is a master and every sentinel says so. */
    public void awaitFailover() {
        Waits.until("the replica is the master", () -> {
            try {
                return replication(replica()).contains("role:master")
                        && sentinels.stream()
                                .allMatch(each -> masterOf(each) == replica().port());
            } catch (UncheckedIOException e) {
                return false; // a sentinel that makes a server the master cuts all its connections
            }
        });
    }

    /** Ends all processes. */
    @Override
    public void close() {
        sentinels.forEach(RedisServer::close);
        servers.forEach(RedisServer::close);
    }

    private boolean knowsAll(RedisServer sentinel) {
        List<?> fields = (List<?>) Objects.requireNonNull(call(sentinel, "SENTINEL", "MASTER", name));
        return has(fields, "num-other-sentinels", SENTINELS - 1) && has(fields, "num-slaves", 1);
    }

    private static boolean has(List<?> fields, String field, int value) {
        for (int i = 0; i + 1 < fields.size(); i += 2) {
            if (text(fields.get(i)).equals(field)) {
                return text(fields.get(i + 1)).equals(Integer.toString(value));
            }
        }
        return false;
    }

    private int masterOf(RedisServer sentinel) {
        List<?> address = (List<?>) Objects.requireNonNull(call(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", name));
        return Integer.parseInt(text(address.get(1)));
    }

    private static String replication(RedisServer server) {
        return text(Objects.requireNonNull(call(server, "INFO", "replication")));
    }

    /** The number that the pattern finds; -1 if it finds none. */
    private static long number(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        return found.find() ? Long.parseLong(found.group(1)) : -1;
    }

    private static @Nullable Object call(RedisServer server, Object... command) {
        try (Resp resp = Resp.connect(server.port())) {
            return resp.call(command);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "port " + server.port() + " did not answer "
                            + command[0].toString().toLowerCase(Locale.ROOT),
                    e);
        }
    }

    private static String text(@Nullable Object bytes) {
        return new String((byte[]) Objects.requireNonNull(bytes), StandardCharsets.UTF_8);
    }
}
