package io.tidemill.examples.fashiondeck;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.examples.common.Checks;
import io.tidemill.examples.common.JobLog;
import io.tidemill.examples.fashiondeck.analytics.AnalyticsTasks;
import io.tidemill.examples.fashiondeck.analytics.Insights;
import io.tidemill.examples.fashiondeck.analytics.QueryLog;
import io.tidemill.examples.fashiondeck.cache.CacheKind;
import io.tidemill.examples.fashiondeck.cache.CacheService;
import io.tidemill.examples.fashiondeck.catalog.Product;
import io.tidemill.examples.fashiondeck.demo.DemoServers;
import io.tidemill.examples.fashiondeck.demo.SampleProducts;
import io.tidemill.examples.fashiondeck.embeddings.EmbeddingTasks;
import io.tidemill.examples.fashiondeck.refresh.Marketplace;
import io.tidemill.examples.fashiondeck.refresh.ProductRefreshProducer;
import io.tidemill.examples.fashiondeck.refresh.RefreshRequest;
import io.tidemill.examples.fashiondeck.refresh.RefreshResult;
import io.tidemill.schedule.ScheduleInfo;
import io.tidemill.schedule.Schedules;
import io.tidemill.schedule.Tick;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What happens in the demo, step by step, with the checks of each step. */
final class DemoDay {

    static final ZoneId ZONE = QueryLog.ZONE;

    /** The day of the searches is over, so that it can be summed up. */
    static final LocalDate DAY = LocalDate.of(2025, 6, 1);

    static final Instant NOON = DAY.atTime(LocalTime.NOON).atZone(ZONE).toInstant();

    /** What visitors search for; each twice, so that the cache has an answer. */
    static final List<String> SEARCHES =
            List.of("cottagecore dress under 60", "black leather ankle boots", "waterproof backpack", "zzqx");

    private static final Duration PATIENCE = Duration.ofSeconds(100);
    private static final String VISITOR = "visitor-1";
    private static final String BROKEN = "{\"query\": \"red dre";

    private final Settings settings;
    private final TaskQueue queue;
    private final ProductRefreshProducer producer;
    private final FashionDeckData data;
    private final JobLog log;
    private final Checks checks;
    private final Map<String, List<JobHandle<RefreshResult>>> refreshes = new LinkedHashMap<>();

    DemoDay(
            Settings settings,
            TaskQueue queue,
            ProductRefreshProducer producer,
            FashionDeckData data,
            JobLog log,
            Checks checks) {
        this.settings = settings;
        this.queue = queue;
        this.producer = producer;
        this.data = data;
        this.log = log;
        this.checks = checks;
    }

    /** The web application asks while no worker is there. */
    void ask() {
        QueueStats before = producer.getStats();
        for (Marketplace marketplace : Marketplace.ALL) {
            refreshes.put(marketplace.name(), producer.addBulkRefreshJobs(marketplace.name()));
        }
        long asked = (long) Marketplace.ALL.size() * Marketplace.CATEGORIES.size();
        checks.equal(
                "jobs that wait", before.waiting() + asked, producer.getStats().waiting());
    }

    /** Every category of every marketplace was fetched, and each product has the vector that its text gives. */
    void refresh(List<Integer> batches) throws InterruptedException {
        List<String> ids = refreshes.values().stream()
                .flatMap(List::stream)
                .map(JobHandle::id)
                .toList();
        checks.equal("jobs that have not ended", Set.of(), log.awaitEnd(ids, PATIENCE));
        int changed = 0;
        for (String marketplace : refreshes.keySet()) {
            for (int i = 0; i < Marketplace.CATEGORIES.size(); i++) {
                List<Product> sold = SampleProducts.of(marketplace, Marketplace.CATEGORIES.get(i));
                RefreshResult result = handle(marketplace, i).await(PATIENCE);
                changed += result.changed();
                checks.equal("products of " + marketplace, sold.size(), result.products());
            }
        }
        int requested = changed;
        checks.that(
                "vectors that were requested are done, the blank one after a second attempt",
                log.await(entries -> isDone(log.events(), requested), PATIENCE),
                ended(log.events()) + " of " + requested);
        checks.equal(
                "products in all batches, the blank one twice",
                changed + 1,
                batches.stream().mapToInt(size -> size).sum());
        checks.that(
                "no batch is too large",
                batches.stream().allMatch(size -> size <= EmbeddingTasks.BATCH),
                "sizes " + batches);
        checks.section("catalog", this::catalog);
        checks.section("shaky marketplace", this::backoff);
        checks.section("blank product", this::blank);
    }

    /** Events of one job come in any order: all that are looked at later have to be there. */
    private static boolean isDone(List<JobEvent> events, int vectors) {
        return ended(events) == vectors
                && ofVectors(events)
                                .filter(QueueEvent.Started.class::isInstance)
                                .count()
                        == vectors + 1
                && ofVectors(events).anyMatch(QueueEvent.Retrying.class::isInstance);
    }

    private static long ended(List<JobEvent> events) {
        return ofVectors(events).filter(JobEvent::isEnd).count();
    }

    private static Stream<JobEvent> ofVectors(List<JobEvent> events) {
        return events.stream().filter(event -> event.queue().equals(EmbeddingTasks.QUEUE));
    }

    private JobHandle<RefreshResult> handle(String marketplace, int category) {
        return refreshes.getOrDefault(marketplace, List.of()).get(category);
    }

    private void catalog() {
        Map<String, float[]> vectors = data.catalog().vectors();
        for (String marketplace : refreshes.keySet()) {
            for (String category : Marketplace.CATEGORIES) {
                for (Product product : SampleProducts.of(marketplace, category)) {
                    checks.equal(
                            product.id(), Optional.of(product), data.catalog().find(product.id()));
                    checks.equal(
                            "vector of " + product.id(),
                            !product.id().equals(SampleProducts.BLANK),
                            vectors.containsKey(product.id()));
                }
            }
        }
    }

    /** The marketplace that was down twice: three attempts, and the second wait is longer than the first. */
    private void backoff() throws InterruptedException {
        int shaky = Marketplace.CATEGORIES.indexOf(DemoServers.SHAKY_CATEGORY);
        String id = handle(DemoServers.SHAKY, shaky).id();
        checks.that(
                "three attempts",
                log.await(entries -> log.of(id, QueueEvent.Started.class).size() == 3, PATIENCE),
                log.of(id).toString());
        checks.that(
                "two retries",
                log.await(entries -> log.of(id, QueueEvent.Retrying.class).size() == 2, PATIENCE),
                log.of(id).toString());
        List<QueueEvent.Retrying> retries = log.of(id, QueueEvent.Retrying.class);
        for (QueueEvent.Retrying retry : retries) {
            Duration longest = Duration.ofSeconds(2L * retry.attempt());
            checks.that(
                    "wait after attempt " + retry.attempt(),
                    retry.delay().compareTo(longest) <= 0 && retry.delay().compareTo(longest.dividedBy(2)) >= 0,
                    retry.delay().toString());
        }
    }

    /** The product without text failed twice, alone. */
    private void blank() {
        List<QueueEvent.Died> died = log.events().stream()
                .filter(QueueEvent.Died.class::isInstance)
                .map(QueueEvent.Died.class::cast)
                .toList();
        checks.equal("dead jobs", 1, died.size());
        checks.that(
                "the dead job is the one of the blank product",
                died.get(0).jobId().endsWith(":" + SampleProducts.BLANK),
                died.toString());
        checks.equal("its attempts", 2, died.get(0).attempt());
    }

    /** Visitors find what they look for, and the second time from the cache. */
    void search() throws Exception {
        try (RedisClient redis = RedisClient.create(RedisURI.create(settings.redis()))) {
            redis.connect().sync().del(QueryLog.key(DAY));
            for (String text : SEARCHES) {
                forget(text);
                List<Product> found = data.search().search(VISITOR, text);
                checks.equal(
                        "the cache's answer to " + text, found, data.search().search(VISITOR, text));
            }
            redis.connect().sync().rpush(QueryLog.key(DAY), BROKEN);
        }
        Product dress = first("cottagecore dress under 60");
        checks.that(
                "the dress is a floral or prairie one",
                dress.title().matches("(Floral|Prairie).*dress"),
                dress.title());
        checks.that("and costs at most 60", dress.cents() <= 6_000, dress.toString());
        checks.that(
                "the boots are boots",
                first("black leather ankle boots").title().endsWith("ankle boots"),
                "no");
        checks.equal(
                "products for a word that nobody uses", List.of(), data.search().search(VISITOR, "zzqx"));
        checks.that(
                "answers are cached for 6 hours",
                data.cache()
                        .ttl(CacheKind.PRODUCTS, CacheService.generateHash(SEARCHES.get(0)))
                        .filter(left -> left.compareTo(settings.ttls().of(CacheKind.PRODUCTS)) <= 0)
                        .isPresent(),
                "they are not");
        checks.that(
                "the cache was of use",
                data.cache().hitRate() > 0.3,
                "hit rate " + data.cache().hitRate());
    }

    /** A cache that others filled before may have an answer already. */
    private void forget(String text) {
        data.cache().put(CacheKind.PRODUCTS, CacheService.generateHash(text), List.of(), Duration.ofMillis(1));
        while (data.cache()
                .ttl(CacheKind.PRODUCTS, CacheService.generateHash(text))
                .isPresent()) {
            Thread.onSpinWait();
        }
    }

    private Product first(String text) {
        return data.search().search(VISITOR, text).get(0);
    }

    /** The log has a line that cannot be read: somebody takes it out, and lets the dead job run again. */
    void analyse() throws Exception {
        Instant midnight = DAY.plusDays(1).atStartOfDay(ZONE).toInstant();
        JobHandle<Insights> job = queue.enqueue(AnalyticsTasks::processQueryLog, new Tick("by hand", midnight, null));
        checks.equal("analyses that have not ended", Set.of(), log.awaitEnd(List.of(job.id()), PATIENCE));
        List<QueueEvent.Died> died = log.of(job.id(), QueueEvent.Died.class);
        checks.equal(
                "attempts of the analysis",
                List.of(1),
                died.stream().map(QueueEvent.Died::attempt).toList());
        try (RedisClient redis = RedisClient.create(RedisURI.create(settings.redis()))) {
            checks.equal("broken lines", 1L, redis.connect().sync().lrem(QueryLog.key(DAY), 0, BROKEN));
        }
        checks.equal(
                "reply to the redrive",
                "REDRIVEN",
                queue.admin().redrive(AnalyticsTasks.QUEUE, job.id()).toString());
        Insights insights = job.await(PATIENCE);
        int searches = 2 * SEARCHES.size() + 3;
        checks.equal("searches", searches, insights.searches());
        checks.equal("different ones", SEARCHES.size(), insights.distinct());
        checks.equal("from the cache", searches - SEARCHES.size(), insights.cached());
        checks.equal("not found", List.of("zzqx"), insights.withoutResults());
        checks.equal("stored", Optional.of(insights), data.analytics().insights(DAY));
    }

    /** Each marketplace at two in its own night, the analysis at midnight; one is triggered now. */
    void schedules(Schedules schedules) throws InterruptedException {
        producer.schedulePeriodicRefresh();
        List<String> ids = new ArrayList<>();
        for (Marketplace marketplace : Marketplace.ALL) {
            String name = ProductRefreshProducer.scheduleName(marketplace);
            checks.equal(name, LocalTime.of(2, 0), next(schedules.get(name).orElseThrow(), marketplace.zone()));
            schedules.triggerNow(name).map(JobHandle::id).ifPresent(ids::add);
        }
        checks.equal(
                AnalyticsTasks.NIGHTLY,
                LocalTime.MIDNIGHT,
                next(schedules.get(AnalyticsTasks.NIGHTLY).orElseThrow(), ZONE));
        checks.equal("jobs that were triggered", Marketplace.ALL.size(), ids.size());
        JobHandle<RefreshResult> one = producer.addRefreshJob(new RefreshRequest("amazon", "top", 100));
        checks.equal("products that sell best", 12, one.await(PATIENCE).products());
        checks.equal("vectors that they need", 0, one.await(PATIENCE).changed());
        checks.equal("jobs that have not ended", Set.of(), log.awaitEnd(ids, PATIENCE));
        for (Marketplace marketplace : Marketplace.ALL) {
            schedules.remove(ProductRefreshProducer.scheduleName(marketplace)); // the night of the demo is over
        }
    }

    private static LocalTime next(ScheduleInfo schedule, ZoneId zone) {
        return schedule.next().orElseThrow().atZone(zone).toLocalTime();
    }
}
