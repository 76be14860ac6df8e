package io.tidemill.examples.engreene.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Values in this process, for a moment. What is made invalid here is never put back by a slower thread. Thread-safe.
 */
final class NearCache {

    private record Near(Object value, Set<String> tags, long expiresAt) {}

    private final Clock clock;
    private final Cache<String, Near> values;
    private final ReentrantLock lock = new ReentrantLock();
    private long invalidations;

    NearCache(Clock clock, Duration life, int most) {
        this.clock = clock;
        this.values = Caffeine.newBuilder()
                .maximumSize(most)
                .expireAfterWrite(life)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .build();
    }

    /** What has to be given to {@link #put}, asked for before the value is read or made. */
    long begin() {
        lock.lock();
        try {
            return invalidations;
        } finally {
            lock.unlock();
        }
    }

    <V> Optional<V> find(String key, Class<V> type) {
        Near near = values.getIfPresent(key);
        return near == null || near.expiresAt() <= clock.millis() || !type.isInstance(near.value())
                ? Optional.empty()
                : Optional.of(type.cast(near.value()));
    }

    /** Does nothing if anything was made invalid since it began: the value may be older than that. */
    void put(long begun, String key, Object value, Set<String> tags, long expiresAt) {
        lock.lock();
        try {
            if (begun == invalidations) {
                values.put(key, new Near(value, tags, expiresAt));
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(String key) {
        lock.lock();
        try {
            invalidations++;
            values.invalidate(key);
        } finally {
            lock.unlock();
        }
    }

    void removeTagged(Set<String> tags) {
        lock.lock();
        try {
            invalidations++;
            values.asMap().values().removeIf(near -> near.tags().stream().anyMatch(tags::contains));
        } finally {
            lock.unlock();
        }
    }
}
