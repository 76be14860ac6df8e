package io.tidemill.examples.fashiondeck;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.event.JobEvent;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.fashiondeck.catalog.Catalog;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.demo.MarketplaceServer;
import io.tidemill.examples.fashiondeck.demo.SampleProducts;
import io.tidemill.examples.fashiondeck.refresh.Marketplace;
import io.tidemill.examples.fashiondeck.refresh.ProductRefreshProducer;
import io.tidemill.examples.fashiondeck.refresh.RefreshRequest;
import io.tidemill.examples.fashiondeck.refresh.RefreshResult;
import io.tidemill.schedule.Scheduler;
import io.tidemill.test.redis.RedisSentinels;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** FashionDeck on a Redis that three sentinels watch: the master is killed while jobs run. */
class SentinelFailoverIT {

    private static final Duration PATIENCE = Duration.ofSeconds(100);
    private static final int RUNNING = 4;
    private static final int JOBS = 12;

    /** Marketplaces answer while the gate is open. */
    private final CountDownLatch gate = new CountDownLatch(1);

    private final Semaphore atTheGate = new Semaphore(0);
    private final JobLog log = new JobLog(entry -> {});

    /**
     * What the replica had is not lost, and each job ends once: those that had ended before, those that ran when the
     * master died, and those that waited. Workers go on by themselves.
     */
    @Test
    void jobsGoOnAfterTheMasterWasKilledAndEachEndsOnce() throws Exception {
        try (RedisSentinels sentinels = RedisSentinels.start("fashiondeck");
                MarketplaceServer open = MarketplaceServer.start("amazon");
                MarketplaceServer slow = MarketplaceServer.start("asos", this::stopAtTheGate)) {
            Settings settings = Settings.from(Map.of(
                    "REDIS_SENTINELS",
                    sentinels.addresses(),
                    "REDIS_MASTER",
                    "fashiondeck",
                    "CACHE_REDIS_URL",
                    TestRedis.uri(),
                    Settings.variable(Marketplace.of("amazon")),
                    open.url().toString(),
                    Settings.variable(Marketplace.of("asos")),
                    slow.url().toString()));
            Scheduler scheduler = Scheduler.create();
            try (TaskQueue queue = FashionDeckWorker.connect(settings, log, scheduler);
                    FashionDeckWorker worker = FashionDeckWorker.start(settings, log, size -> {}, Scheduler.create())) {
                ProductRefreshProducer producer = new ProductRefreshProducer(queue, scheduler.schedules());
                Set<String> early = await(List.of(producer.addRefreshJob(new RefreshRequest("amazon", "bags", 5))));
                List<JobHandle<RefreshResult>> jobs = IntStream.range(0, JOBS)
                        .mapToObj(i -> producer.addRefreshJob(new RefreshRequest("asos", "dresses", i + 1)))
                        .toList();
                atTheGate.acquire(RUNNING);
                sentinels.awaitReplicated();

                sentinels.master().kill9();
                sentinels.awaitFailover();
                gate.countDown();

                Set<String> ids = await(jobs);
                ids.addAll(await(List.of(producer.addRefreshJob(new RefreshRequest("asos", "shoes", 3)))));
                ids.addAll(early);
                assertThat(ends())
                        .containsOnlyKeys(ids)
                        .allSatisfy((id, states) -> assertThat(states).as(id).containsExactly("Succeeded"));
                assertThat(producer.getStats()).isEqualTo(new QueueStats(0, 0, JOBS + 2, 0));
            }
            assertThat(productsOn(sentinels)).containsExactlyInAnyOrderElementsOf(expected());
        }
    }

    private void stopAtTheGate() {
        atTheGate.release();
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the refreshes and the vectors that they requested have ended, and gives the ids of all of them. */
    private Set<String> await(List<JobHandle<RefreshResult>> refreshes) throws InterruptedException {
        Set<String> ids = refreshes.stream().map(JobHandle::id).collect(Collectors.toSet());
        int jobs = refreshes.size();
        for (JobHandle<RefreshResult> refresh : refreshes) {
            jobs += refresh.await(PATIENCE).changed();
        }
        int expected = jobs;
        assertThat(log.await(entries -> ended(log.events(), ids).size() == expected, PATIENCE))
                .as("%d jobs end", expected)
                .isTrue();
        return ended(log.events(), ids);
    }

    /** Of these refreshes and of the vectors that they requested, those that have ended. */
    private static Set<String> ended(List<JobEvent> events, Set<String> refreshes) {
        return events.stream()
                .filter(JobEvent::isEnd)
                .map(JobEvent::jobId)
                .filter(id -> refreshes.contains(id.split(":")[0]))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** How each job ended: one entry per end. */
    private Map<String, List<String>> ends() {
        return log.events().stream()
                .filter(JobEvent::isEnd)
                .collect(Collectors.groupingBy(
                        JobEvent::jobId,
                        Collectors.mapping(event -> event.getClass().getSimpleName(), Collectors.toList())));
    }

    private static List<Product> expected() {
        return Stream.of(
                        SampleProducts.of("amazon", "bags").subList(0, 5),
                        SampleProducts.of("asos", "dresses").subList(0, JOBS),
                        SampleProducts.of("asos", "shoes").subList(0, 3))
                .flatMap(List::stream)
                .toList();
    }

    /** As the server has them that was the replica. */
    private static List<Product> productsOn(RedisSentinels sentinels) {
        RedisClient client =
                RedisClient.create(RedisURI.create(sentinels.replica().uri()));
        try {
            return new Catalog(client.connect()).products();
        } finally {
            client.shutdown();
        }
    }
}
