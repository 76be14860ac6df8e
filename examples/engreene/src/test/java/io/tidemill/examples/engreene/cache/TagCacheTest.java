package io.tidemill.examples.engreene.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.tidemill.examples.engreene.TestRedis;
import io.tidemill.examples.engreene.TestTime;
import io.tidemill.examples.engreene.jobs.QueuedJob;
import io.tidemill.task.TaskSignal;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The application's clock is moved; what Redis removes by itself is long after the end of each test. */
class TagCacheTest {

    /** What is cached. */
    public record Profile(String name, BigDecimal rate, List<String> cities) {}

    private static final Profile ADA = new Profile("Ada", new BigDecimal("12.50"), List.of("Berlin", "Kiel"));
    private static final CacheOptions HOUR = CacheOptions.ttl(Duration.ofHours(1));

    private final RedisClusterCommands<String, String> redis = TestRedis.empty();
    private final TestTime clock = new TestTime(Instant.parse("2026-03-10T12:00:00Z"));
    private final TagCache cache = new TagCache(redis, clock);
    private final TagCache otherProcess = new TagCache(redis, clock);
    private final AtomicInteger loads = new AtomicInteger();

    @Test
    void givesWhatWasCachedAlsoInAnotherProcess() {
        cache.set("profile:ada", ADA, HOUR);

        assertThat(cache.get("profile:ada", Profile.class)).contains(ADA);
        assertThat(otherProcess.get("profile:ada", Profile.class)).contains(ADA);
        assertThat(cache.get("profile:bo", Profile.class)).isEmpty();
        assertThat(redis.pttl("cache:profile:ada")).isBetween(1L, 3_600_000L);
    }

    @Test
    void anEntryEndsWithItsTime() {
        cache.set("profile:ada", ADA, HOUR);

        clock.advance(Duration.ofHours(1).minusMillis(1));
        assertThat(cache.get("profile:ada", Profile.class)).isPresent();
        clock.advance(Duration.ofMillis(1));
        assertThat(cache.get("profile:ada", Profile.class)).isEmpty();
        assertThat(otherProcess.get("profile:ada", Profile.class)).isEmpty();
    }

    @Test
    void computesOnceUntilATagIsInvalid() throws Exception {
        CacheOptions tagged = HOUR.tags("user:1", "profiles");

        for (int i = 0; i < 3; i++) {
            assertThat(cache.getOrSet("profile:1", String.class, this::load, tagged))
                    .isEqualTo("load 1");
        }
        cache.invalidateByTags("user:2");
        assertThat(cache.getOrSet("profile:1", String.class, this::load, tagged))
                .isEqualTo("load 1");
        cache.invalidateByTags("user:1");
        assertThat(cache.getOrSet("profile:1", String.class, this::load, tagged))
                .isEqualTo("load 2");
        cache.invalidateByTags("profiles");
        assertThat(cache.getOrSet("profile:1", String.class, this::load, tagged))
                .isEqualTo("load 3");
    }

    @Test
    void anotherProcessSeesItAfterASecondAtTheLatest() {
        cache.set("profile:ada", ADA, HOUR.tags("user:ada"));
        assertThat(otherProcess.get("profile:ada", Profile.class)).contains(ADA);

        cache.invalidateByTags("user:ada");

        assertThat(cache.get("profile:ada", Profile.class)).as("here at once").isEmpty();
        clock.advance(TagCache.NEAR_LIFE);
        assertThat(otherProcess.get("profile:ada", Profile.class)).isEmpty();
    }

    @Test
    void aValueThatWasBeingMadeWhenItsTagBecameInvalidIsNotGiven() throws Exception {
        String made = cache.getOrSet(
                "profile:1",
                String.class,
                () -> {
                    String old = load();
                    otherProcess.invalidateByTags("user:1"); // what was read is changed now
                    return old;
                },
                HOUR.tags("user:1"));

        assertThat(made).isEqualTo("load 1");
        assertThat(otherProcess.get("profile:1", String.class)).isEmpty();
        clock.advance(TagCache.NEAR_LIFE);
        assertThat(cache.get("profile:1", String.class)).isEmpty();
    }

    @Test
    void aValueThatWasBeingMadeHereIsNotKeptHereEither() throws Exception {
        cache.getOrSet(
                "profile:1",
                String.class,
                () -> {
                    cache.invalidateByTags("user:1");
                    return load();
                },
                HOUR.tags("user:1"));

        assertThat(cache.get("profile:1", String.class)).isEmpty();
    }

    @Test
    void threadsThatAskAtOnceWaitForOneOfThem() throws Exception {
        CountDownLatch isLoading = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<String> first = threads.submit(() -> cache.getOrSet(
                    "slow",
                    String.class,
                    () -> {
                        isLoading.countDown();
                        assertThat(mayEnd.await(60, TimeUnit.SECONDS)).isTrue();
                        return load();
                    },
                    HOUR));
            assertThat(isLoading.await(60, TimeUnit.SECONDS)).isTrue();
            Future<String> second = threads.submit(() -> cache.getOrSet("slow", String.class, this::load, HOUR));
            mayEnd.countDown();

            assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo("load 1");
            assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo("load 1");
            assertThat(loads).hasValue(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aFailureIsNotCached() throws Exception {
        assertThatThrownBy(() -> cache.getOrSet(
                        "key",
                        String.class,
                        () -> {
                            throw new IOException("the database is away");
                        },
                        HOUR))
                .isInstanceOf(IOException.class)
                .hasMessage("the database is away");

        assertThat(cache.getOrSet("key", String.class, this::load, HOUR)).isEqualTo("load 1");
    }

    @Test
    void worksOnManyKeysAtOnce() {
        cache.setAll(Map.of("a", "1", "b", "2", "c", "3"), HOUR.tags("letters"));
        cache.set("d", "4", HOUR);

        assertThat(otherProcess.getAll(List.of("a", "x", "c", "d"), String.class))
                .containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "c", "3", "d", "4"));
        cache.invalidateByTags("letters");
        assertThat(cache.getAll(List.of("a", "b", "c", "d"), String.class)).isEqualTo(Map.of("d", "4"));
    }

    @Test
    void removesOneKey() {
        cache.set("a", "1", HOUR);

        cache.invalidate("a");

        assertThat(cache.get("a", String.class)).isEmpty();
        assertThat(redis.exists("cache:a")).isZero();
    }

    @Test
    void countsHitsAndMisses() {
        cache.set("a", "1", HOUR.tags("t"));
        cache.get("a", String.class);
        cache.get("b", String.class);
        otherProcess.get("a", String.class);
        otherProcess.get("a", String.class);
        otherProcess.getAll(List.of("a", "b", "c"), String.class);
        cache.invalidateByTags("t", "u");

        assertThat(cache.stats()).isEqualTo(new CacheStats(1, 0, 1, 1, 2));
        assertThat(cache.stats().hitRatio()).isEqualTo(0.5);
        assertThat(otherProcess.stats()).isEqualTo(new CacheStats(2, 1, 2, 0, 0));
        assertThat(new CacheStats(0, 0, 0, 0, 0).hitRatio()).isZero();
    }

    @Test
    void whatCannotBeReadIsAMiss() {
        cache.set("a", "text", HOUR);

        assertThat(otherProcess.get("a", Profile.class)).isEmpty();
        redis.set("cache:b", "no JSON");
        assertThat(cache.get("b", String.class)).isEmpty();
    }

    @Test
    void aStampOutlivesEveryEntryThatMayCarryAnOlderOne() {
        cache.invalidateByTags("t");

        assertThat(redis.pttl("cache:tag:t")).isGreaterThan(CacheOptions.LONGEST.toMillis());
        assertThatThrownBy(() -> CacheOptions.ttl(Duration.ofDays(2)))
                .hasMessage("ttl must be 1 ms to PT24H, got PT48H");
    }

    @Test
    void theWarmUpCachesAreas() {
        WarmupHandler handler = new WarmupHandler(
                cache,
                Map.of(
                        "letters", new WarmupHandler.Area(HOUR, () -> Map.of("a", "1", "b", "2")),
                        "numbers", new WarmupHandler.Area(HOUR, () -> Map.of("1", "a"))));

        assertThat(handler.handle(new QueuedJob<>("job", Warmup.TYPE, Warmup.ALL, 1)))
                .isEqualTo(3);
        assertThat(otherProcess.get("a", String.class)).contains("1");
        assertThat(handler.handle(new QueuedJob<>("job", Warmup.TYPE, new Warmup(List.of("numbers")), 1)))
                .isEqualTo(1);
        assertThatThrownBy(() -> handler.handle(new QueuedJob<>("job", Warmup.TYPE, new Warmup(List.of("colours")), 1)))
                .isInstanceOf(TaskSignal.GiveUp.class)
                .hasMessage("no area 'colours' of the cache; there are [letters, numbers]");
    }

    private String load() {
        return "load " + loads.incrementAndGet();
    }
}
