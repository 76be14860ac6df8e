package io.tidemill.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tidemill.redis.Preflight.Problem;
import io.tidemill.redis.keys.Keyspace;
import io.tidemill.task.BrokerException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks a server through a connection: refuses it, warns, or finds nothing. Writes nothing. What the server does not
 * allow to be read is not checked.
 */
final class ServerCheck {

    private static final Logger LOG = LoggerFactory.getLogger(RedisBroker.class);

    /** The queue whose keys are tried in place of those of any queue. */
    private static final String ANY_QUEUE = "preflight";

    private static final String WORD = "x";

    private static final char KEY = 'k';

    /** Commands, each with a letter per argument that it needs: {@value #KEY} for a key or a channel. */
    static final Map<String, String> COMMANDS = Map.ofEntries(
            Map.entry("EXISTS", "k"),
            Map.entry("PERSIST", "k"),
            Map.entry("GET", "k"),
            Map.entry("SET", "k1"),
            Map.entry("MGET", "k"),
            Map.entry("MSET", "k1"),
            Map.entry("GETRANGE", "k11"),
            Map.entry("SETRANGE", "k11"),
            Map.entry("STRLEN", "k"),
            Map.entry("DEL", "k"),
            Map.entry("PEXPIRE", "k1"),
            Map.entry("PTTL", "k"),
            Map.entry("LPUSH", "k1"),
            Map.entry("LINSERT", "k111"),
            Map.entry("RPUSH", "k1"),
            Map.entry("LRANGE", "k11"),
            Map.entry("LLEN", "k"),
            Map.entry("LPOS", "k1"),
            Map.entry("LTRIM", "k11"),
            Map.entry("SADD", "k1"),
            Map.entry("SREM", "k1"),
            Map.entry("SCARD", "k"),
            Map.entry("SISMEMBER", "k1"),
            Map.entry("SMISMEMBER", "k1"),
            Map.entry("SMEMBERS", "k"),
            Map.entry("SRANDMEMBER", "k"),
            Map.entry("SINTER", "k"),
            Map.entry("ZADD", "k11"),
            Map.entry("ZREM", "k1"),
            Map.entry("ZCARD", "k"),
            Map.entry("ZSCORE", "k1"),
            Map.entry("ZMSCORE", "k1"),
            Map.entry("ZRANGE", "k11"),
            Map.entry("ZREVRANGE", "k11"),
            Map.entry("ZRANGEBYSCORE", "k11"),
            Map.entry("ZREMRANGEBYSCORE", "k11"),
            Map.entry("HINCRBY", "k11"),
            Map.entry("PUBLISH", "k1"),
            Map.entry("SUBSCRIBE", "k"),
            Map.entry("HLEN", "k"),
            Map.entry("HGET", "k1"),
            Map.entry("HEXISTS", "k1"),
            Map.entry("HMGET", "k1"),
            Map.entry("HGETALL", "k"),
            Map.entry("HSET", "k11"),
            Map.entry("HDEL", "k1"),
            Map.entry("UNLINK", "k"),
            Map.entry("ZCOUNT", "k11"),
            Map.entry("SCAN", "1"),
            Map.entry("INFO", ""),
            Map.entry("ZSCAN", "k1"));

    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final RedisOptions options;
    private final Keyspace keys;

    ServerCheck(StatefulRedisConnection<byte[], byte[]> connection, RedisOptions options) {
        this.connection = connection;
        this.options = options;
        keys = new Keyspace(options.prefix(), ANY_QUEUE);
    }

    /** Everything that is wrong. */
    CompletionStage<List<Problem>> look() {
        CompletionStage<@Nullable String> save = connection
                .async()
                .configGet("save")
                .handle((values, failure) -> failure != null ? null : values.get("save"));
        return connection
                .async()
                .info()
                .thenCombine(save, Preflight::look)
                .thenCombine(lookAtRights(), ServerCheck::both)
                .thenCombine(lookAtType(), ServerCheck::both);
    }

    /**
     * Refuses or warns, as the options say.
     *
     * @throws BrokerException names everything that is refused
     */
    static void judge(String address, PreflightMode mode, List<Problem> problems) {
        List<String> refused = new ArrayList<>();
        for (Problem problem : problems) {
            if (problem.isFatal() || mode == PreflightMode.REFUSE) {
                refused.add(problem.text());
            } else {
                LOG.warn("Redis at {}: {}", address, problem.text());
            }
        }
        if (!refused.isEmpty()) {
            throw new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "Redis at " + address + " will not do: " + String.join("; and ", refused)
                            + ". To start all the same, set preflight to OFF",
                    null);
        }
    }

    /** ACL DRYRUN is there from 7.0 on, and not for everybody; without it the first call shows what is missing. */
    private CompletionStage<List<Problem>> lookAtRights() {
        return connection
                .async()
                .aclWhoami()
                .<CompletionStage<List<Problem>>>handle((user, failure) ->
                        failure != null ? CompletableFuture.completedStage(List.of()) : lookAtRights(user))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<List<Problem>> lookAtRights(String user) {
        List<String> missing = new ArrayList<>();
        CompletionStage<Void> all = CompletableFuture.completedStage(null);
        for (Map.Entry<String, String> command : COMMANDS.entrySet()) {
            all = all.thenCombine(mayRun(user, command.getKey(), command.getValue()), (done, isAllowed) -> {
                if (!isAllowed) {
                    missing.add(command.getKey().toLowerCase(Locale.ROOT));
                }
                return null;
            });
        }
        return all.thenApply(done -> missing.isEmpty()
                ? List.of()
                : List.of(new Problem(
                        true,
                        "its ACL user " + user + " may not run "
                                + String.join(", ", missing.stream().sorted().toList())
                                + " on keys and channels " + options.prefix()
                                + ":*; see the rights in docs/redis-protocol.md")));
    }

    private CompletionStage<Boolean> mayRun(String user, String command, String shape) {
        CommandArgs<byte[], byte[]> args = new CommandArgs<>(ByteArrayCodec.INSTANCE)
                .add("DRYRUN")
                .add(user)
                .add(command);
        for (int i = 0; i < shape.length(); i++) {
            if (shape.charAt(i) == KEY) {
                args.addKey(keys.job(WORD));
            } else {
                args.add("1");
            }
        }
        return connection
                .async()
                .dispatch(CommandType.ACL, new StatusOutput<>(ByteArrayCodec.INSTANCE), args)
                // An error is no answer to the question: the server is older, or does not let this user ask.
                .handle((answer, failure) -> failure != null || answer == null || answer.equals("OK"));
    }

    /** The one key that is known without asking for others: somebody else may use the prefix for something else. */
    private CompletionStage<List<Problem>> lookAtType() {
        byte[] key = Keyspace.queues(options.prefix());
        return connection.async().type(key).handle((type, failure) -> {
            boolean isOurs = failure != null || type.equals("none") || type.equals("set");
            return isOurs
                    ? List.of()
                    : List.of(new Problem(
                            true,
                            "its key " + new String(key, StandardCharsets.US_ASCII) + " is a " + type
                                    + " and not ours; give Tidemill a key prefix of its own"));
        });
    }

    private static List<Problem> both(List<Problem> some, List<Problem> others) {
        List<Problem> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }
}
