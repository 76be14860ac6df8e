package io.tidemill.redis;

import io.lettuce.core.ScoredValue;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What the keys of a queue hold, read in a few round trips however many keys there are. A key that is not there, or no
 * longer, is empty. Immutable.
 */
final class QueueImage {

    private static final int PATIENCE_SECONDS = 60;

    /** What a command answers about a key that is not there, or expires never. */
    private static final long NO_KEY = -2;

    private final String start;
    private final Map<String, Held> held;

    /** A value is a text, a list of texts, a set, a map, or a list of scored values, as the type says. */
    private record Held(String type, long left, Object value) {

        @Override
        public String toString() {
            return type + " " + value;
        }
    }

    private QueueImage(String start, Map<String, Held> held) {
        this.start = start;
        this.held = held;
    }

    /**
     * Reads these keys.
     *
     * @param start what all of them begin with
     */
    static QueueImage of(RedisClusterAsyncCommands<String, String> redis, String start, Set<String> keys) {
        Map<String, String> types = all(keys, redis::type);
        Map<String, Long> left = all(keys, redis::pttl);
        Map<String, Object> values = all(keys, key -> read(redis, key, types.get(key)));
        Map<String, Held> held = new TreeMap<>();
        for (String key : keys) {
            if (left.get(key) != NO_KEY && !types.get(key).equals("none")) {
                held.put(key, new Held(types.get(key), left.get(key), values.get(key)));
            }
        }
        return new QueueImage(start, held);
    }

    private static CompletionStage<?> read(RedisClusterAsyncCommands<String, String> redis, String key, String type) {
        return switch (type) {
            case "string" -> redis.get(key).thenApply(text -> text == null ? "" : text);
            case "list" -> redis.lrange(key, 0, -1);
            case "set" -> redis.smembers(key).thenApply(TreeSet::new);
            case "hash" -> redis.hgetall(key).thenApply(TreeMap::new);
            case "zset" -> redis.zrangeWithScores(key, 0, -1);
            default -> redis.exists(key).thenApply(count -> "");
        };
    }

    /** Asks about all keys before it waits for the first answer. */
    private static <V> Map<String, V> all(Set<String> keys, Function<String, CompletionStage<? extends V>> ask) {
        Map<String, CompletionStage<? extends V>> asked = new TreeMap<>();
        keys.forEach(key -> asked.put(key, ask.apply(key)));
        Map<String, V> answers = new TreeMap<>();
        asked.forEach((key, answer) -> answers.put(
                key,
                answer.toCompletableFuture()
                        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .join()));
        return answers;
    }

    /** Everything, in a form that can be compared. */
    Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        held.forEach((key, value) -> contents.put(key, value.toString()));
        return contents;
    }

    /** The whole names of the keys. */
    Set<String> keys() {
        return held.keySet();
    }

    /** What follows this beginning in the names of the keys that have it. */
    Set<String> suffixes(String beginning) {
        Set<String> suffixes = new TreeSet<>();
        for (String key : held.keySet()) {
            if (key.startsWith(start + beginning)) {
                suffixes.add(key.substring(start.length() + beginning.length()));
            }
        }
        return suffixes;
    }

    boolean has(String name) {
        return held.containsKey(start + name);
    }

    /** Whether the key goes by itself at some time. */
    boolean expires(String name) {
        Held of = held.get(start + name);
        return of != null && of.left() >= 0;
    }

    /** The text that a key holds; empty if it is not there. */
    String text(String name) {
        Held of = held.get(start + name);
        return of == null ? "" : (String) of.value();
    }

    /** The entries of a list, a set or a sorted set, in its order. */
    List<String> entries(String name) {
        Held of = held.get(start + name);
        if (of == null) {
            return List.of();
        }
        List<String> entries = new ArrayList<>();
        for (Object each : (Collection<?>) of.value()) {
            entries.add(each instanceof ScoredValue<?> scored ? (String) scored.getValue() : (String) each);
        }
        return entries;
    }

    /** The entries of a sorted set and their scores. */
    Map<String, Double> scores(String name) {
        Map<String, Double> scores = new TreeMap<>();
        Held of = held.get(start + name);
        if (of != null) {
            for (Object each : (Collection<?>) of.value()) {
                ScoredValue<?> scored = (ScoredValue<?>) each;
                scores.put((String) scored.getValue(), scored.getScore());
            }
        }
        return scores;
    }

    /** A field of a hash; empty if it is not there. */
    String field(String name, String field) {
        Held of = held.get(start + name);
        Object value = of == null ? null : ((Map<?, ?>) of.value()).get(field);
        return value == null ? "" : (String) value;
    }
}
