package io.tidemill.examples.engreene.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lettuce.core.KeyValue;
import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A cache in Redis, {@code cache:<key>}, and for a moment in the process.
 *
 * <p><b>Tags.</b> A tag has a stamp, {@code cache:tag:<tag>}; to make the tag invalid is to give it a new one. An entry
 * carries the stamps that its tags had before its value was made, and is valid as long as they are the same. So a tag
 * costs one key however many entries have it, and a value that was being made while its tag became invalid is never
 * valid. A stamp outlives every entry that may carry an older one.
 *
 * <p><b>In the process</b> (Caffeine) at most {@value #NEAR} entries are kept for {@link #NEAR_LIFE}. What this process
 * makes invalid is gone here at once; what another one does is seen after that time at the latest.
 *
 * <p>Values are JSON. A value that cannot be read as the type that is asked for counts as a miss. Thread-safe.
 */
public final class TagCache {

    /** How long a process may give what another one has made invalid. */
    public static final Duration NEAR_LIFE = Duration.ofSeconds(1);

    private static final int NEAR = 1_000;
    private static final Duration STAMP_LIFE = CacheOptions.LONGEST.plusHours(1);
    private static final JsonMapper JSON =
            JsonMapper.builder().findAndAddModules().build();

    private final RedisClusterCommands<String, String> redis;
    private final Clock clock;
    private final NearCache near;
    private final Map<String, CompletableFuture<Object>> loads = new ConcurrentHashMap<>();
    private final LongAdder localHits = new LongAdder();
    private final LongAdder redisHits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder invalidations = new LongAdder();

    /** On this connection. */
    public TagCache(RedisClusterCommands<String, String> redis, Clock clock) {
        this.redis = redis;
        this.clock = clock;
        this.near = new NearCache(clock, NEAR_LIFE, NEAR);
    }

    /** Caches a value. */
    public void set(String key, Object value, CacheOptions options) {
        setAll(Map.of(key, value), options);
    }

    /** Caches several values with the same options. */
    public void setAll(Map<String, ?> values, CacheOptions options) {
        long begun = near.begin();
        Map<String, String> stamps = stamps(options.tags());
        values.forEach((key, value) -> write(begun, key, value, options, stamps));
    }

    /** What is cached, if it is valid. */
    public <V> Optional<V> get(String key, Class<V> type) {
        return Optional.ofNullable(getAll(List.of(key), type).get(key));
    }

    /** What is cached of several keys and is valid, with two requests to Redis. */
    public <V> Map<String, V> getAll(Collection<String> keys, Class<V> type) {
        Map<String, V> found = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (String key : keys) {
            Optional<V> here = near.find(key, type);
            here.ifPresentOrElse(value -> found.put(key, value), () -> missing.add(key));
        }
        localHits.add(found.size());
        if (!missing.isEmpty()) {
            found.putAll(read(missing, type));
        }
        misses.add(Set.copyOf(keys).size() - found.size());
        return found;
    }

    /**
     * What is cached, or else what this gives, which is cached then. Threads of a process that ask for the same key at
     * once wait for one of them.
     *
     * @param load gives the value, and never null
     * @throws Exception what {@code load} throws; nothing is cached then
     */
    public <V> V getOrSet(String key, Class<V> type, Callable<V> load, CacheOptions options) throws Exception {
        Optional<V> cached = get(key, type);
        if (cached.isPresent()) {
            return cached.get();
        }
        CompletableFuture<Object> mine = new CompletableFuture<>();
        CompletableFuture<Object> other = loads.putIfAbsent(key, mine);
        return type.cast(other == null ? load(key, type, load, options, mine) : join(other));
    }

    /** Looks once more: another thread may have ended its load since the look-up. */
    private <V> V load(
            String key, Class<V> type, Callable<V> load, CacheOptions options, CompletableFuture<Object> mine)
            throws Exception {
        try {
            Optional<V> loaded = near.find(key, type);
            V value = loaded.isPresent() ? loaded.get() : make(key, load, options);
            mine.complete(value);
            return value;
        } catch (Throwable t) {
            mine.completeExceptionally(t);
            throw t;
        } finally {
            loads.remove(key, mine);
        }
    }

    private <V> V make(String key, Callable<V> load, CacheOptions options) throws Exception {
        long begun = near.begin();
        Map<String, String> stamps = stamps(options.tags());
        V value = load.call();
        write(begun, key, value, options, stamps);
        return value;
    }

    private static Object join(CompletableFuture<Object> other) throws Exception {
        try {
            return other.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Removes an entry. */
    public void invalidate(String key) {
        redis.del(entryKey(key));
        near.remove(key);
        loads.remove(key);
        invalidations.increment();
    }

    /** Makes every entry with one of these tags invalid, also one that is being made just now. */
    public void invalidateByTags(String... tags) {
        for (String tag : tags) {
            redis.set(tagKey(tag), UUID.randomUUID().toString(), SetArgs.Builder.px(STAMP_LIFE.toMillis()));
            invalidations.increment();
        }
        near.removeTagged(Set.of(tags));
        loads.clear(); // whoever asks from now on does not wait for a value that is older than this
    }

    /** What it has done. */
    public CacheStats stats() {
        return new CacheStats(localHits.sum(), redisHits.sum(), misses.sum(), writes.sum(), invalidations.sum());
    }

    private <V> Map<String, V> read(List<String> keys, Class<V> type) {
        long begun = near.begin();
        Map<String, Entry> entries = new LinkedHashMap<>();
        List<KeyValue<String, String>> stored =
                redis.mget(keys.stream().map(TagCache::entryKey).toArray(String[]::new));
        for (int i = 0; i < stored.size(); i++) {
            Entry entry = parse(stored.get(i).getValueOrElse(null), Entry.class);
            if (entry != null && entry.expiresAt() > clock.millis()) {
                entries.put(keys.get(i), entry);
            }
        }
        Map<String, String> now = stamps(entries.values().stream()
                .flatMap(entry -> entry.stamps().keySet().stream())
                .toList());
        Map<String, V> found = new LinkedHashMap<>();
        entries.forEach((key, entry) -> {
            V value = isValid(entry, now) ? parse(entry.value(), type) : null;
            if (value != null) {
                found.put(key, value);
                near.put(begun, key, value, entry.stamps().keySet(), entry.expiresAt());
            }
        });
        redisHits.add(found.size());
        return found;
    }

    private static boolean isValid(Entry entry, Map<String, String> now) {
        return entry.stamps().entrySet().stream().allMatch(tag -> tag.getValue().equals(now.get(tag.getKey())));
    }

    private void write(long begun, String key, Object value, CacheOptions options, Map<String, String> stamps) {
        long ttl = options.ttl().toMillis();
        Entry entry = new Entry(clock.millis() + ttl, stamps, json(value));
        redis.set(entryKey(key), json(entry), SetArgs.Builder.px(ttl));
        near.put(begun, key, value, options.tags(), entry.expiresAt());
        writes.increment();
    }

    /** The stamp of each tag; empty text for one that has none. */
    private Map<String, String> stamps(Collection<String> tags) {
        List<String> names = tags.stream().distinct().toList();
        Map<String, String> stamps = new HashMap<>();
        if (!names.isEmpty()) {
            List<KeyValue<String, String>> stored =
                    redis.mget(names.stream().map(TagCache::tagKey).toArray(String[]::new));
            for (int i = 0; i < names.size(); i++) {
                stamps.put(names.get(i), stored.get(i).getValueOrElse(""));
            }
        }
        return stamps;
    }

    private static <V> @Nullable V parse(@Nullable String json, Class<V> type) {
        try {
            return json == null ? null : JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            return null; // of an older version of the application
        }
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "a " + value.getClass().getSimpleName() + " cannot be cached: it cannot be written as JSON", e);
        }
    }

    private static String entryKey(String key) {
        return "cache:" + key;
    }

    private static String tagKey(String tag) {
        return "cache:tag:" + tag;
    }
}
