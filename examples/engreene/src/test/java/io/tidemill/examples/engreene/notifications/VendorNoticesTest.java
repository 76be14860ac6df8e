package io.tidemill.examples.engreene.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.event.QueueEvent;
import io.tidemill.examples.engreene.TestRedis;
import io.tidemill.examples.engreene.TestTime;
import io.tidemill.examples.engreene.cache.TagCache;
import io.tidemill.examples.engreene.demo.VendorEndpoint;
import io.tidemill.examples.engreene.jobs.JobQueueService;
import io.tidemill.examples.engreene.jobs.JobStatus;
import io.tidemill.examples.engreene.market.Marketplace;
import io.tidemill.examples.engreene.outside.Breaker;
import io.tidemill.examples.engreene.outside.BreakerStats;
import io.tidemill.examples.engreene.outside.VendorGateway;
import io.tidemill.test.TestQueue;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs on the clock of a test, against a real endpoint that goes down and comes back. */
class VendorNoticesTest {

    private final TestTime clock = new TestTime(Instant.EPOCH);
    private final Marketplace market = new Marketplace();
    private final TagCache cache = new TagCache(TestRedis.empty(), Clock.systemUTC());
    private final Breaker breaker = new Breaker("vendors", Duration.ofSeconds(30), clock);
    private final JobQueueService jobs = new JobQueueService();
    private VendorEndpoint endpoint;
    private TestQueue queue;

    @BeforeEach
    void start() throws IOException {
        endpoint = VendorEndpoint.start();
        start(endpoint.url());
    }

    private void start(URI url) {
        VendorNotices notices = new VendorNotices(new VendorGateway(url, breaker), market, cache);
        jobs.registerHandler(VendorNotice.CART_ADD, VendorNotice.class, notices);
        jobs.registerHandler(VendorNotice.WISHLIST_ADD, VendorNotice.class, notices);
        queue = TestQueue.builder().configure(jobs::configure).start();
        clock.follow(queue::now);
        jobs.attach(queue, queue.admin());
    }

    @AfterEach
    void stop() {
        queue.close();
        endpoint.close();
    }

    @Test
    void notifiesTheVendor() {
        String cart = jobs.addJob(VendorNotice.CART_ADD, new VendorNotice("lumen", "ada", "wedding-day"));
        String wish = jobs.addJob(VendorNotice.WISHLIST_ADD, new VendorNotice("saffron", "bo", "buffet"));

        queue.runUntilIdle();

        assertThat(endpoint.notices())
                .hasSize(2)
                .containsEntry(cart, "lumen: Ada has put wedding-day into the cart.")
                .containsEntry(wish, "saffron: Bo has put buffet on the wishlist.");
    }

    @Test
    void readsATemplateOnceAndAgainWhenItHasChanged() {
        VendorNotice notice = new VendorNotice("lumen", "ada", "wedding-day");
        jobs.addJob(VendorNotice.CART_ADD, notice);
        queue.runUntilIdle();
        long first = market.reads();
        jobs.addJob(VendorNotice.CART_ADD, notice);
        queue.runUntilIdle();
        long second = market.reads() - first;
        cache.invalidateByTags("templates");
        jobs.addJob(VendorNotice.CART_ADD, notice);
        queue.runUntilIdle();

        assertThat(first).as("template, vendor, client").isEqualTo(3);
        assertThat(second).as("vendor, client").isEqualTo(2);
        assertThat(market.reads() - first - second).isEqualTo(3);
    }

    @Test
    void inAnOutageJobsSleepAndSpendNoAttemptsAndThenAllAreDelivered() {
        endpoint.goDown();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ids.add(jobs.addJob(VendorNotice.CART_ADD, new VendorNotice("lumen", "ada", "service-" + i)));
        }

        queue.runUntilIdle();
        assertThat(endpoint.calls()).as("four calls are enough to know").isEqualTo(4);
        assertThat(breaker.stats()).isEqualTo(new BreakerStats("OPEN", 4, 1, 2));
        queue.advance(Duration.ofMinutes(30));
        assertThat(endpoint.calls())
                .as("at most two trials after each pause of half a minute; more than the attempts of all jobs together")
                .isBetween(6 * JobQueueService.RETRY.maxAttempts(), 4 + 2 * 60);
        assertThat(endpoint.notices()).isEmpty();
        endpoint.comeBack();
        queue.advance(Duration.ofMinutes(30));

        assertThat(endpoint.notices()).containsOnlyKeys(ids);
        assertThat(ids.stream()
                        .mapToInt(id -> jobs.getJob(id).orElseThrow().failures())
                        .sum())
                .as("attempts that half an hour without the endpoint has cost")
                .isEqualTo(3);
        assertThat(breaker.stats().state()).isEqualTo("CLOSED");
        assertThat(ids)
                .allSatisfy(
                        id -> assertThat(jobs.getJob(id)).map(JobStatus::state).contains("completed"));
    }

    @Test
    void anOpenBreakerIsNoFailureOfTheJob() {
        endpoint.goDown();
        for (int i = 0; i < 4; i++) {
            jobs.addJob(VendorNotice.CART_ADD, new VendorNotice("lumen", "ada", "service-" + i));
        }
        queue.runUntilIdle();

        String late = jobs.addJob(VendorNotice.CART_ADD, new VendorNotice("lumen", "ada", "late"));
        queue.runUntilIdle();

        assertThat(jobs.getJob(late)).contains(new JobStatus(late, VendorNotice.CART_ADD, "delayed", 4, 0, null));
        assertThat(queue.events())
                .filteredOn(event -> event instanceof QueueEvent.Released released
                        && released.jobId().equals(late))
                .singleElement()
                .satisfies(event ->
                        assertThat(((QueueEvent.Released) event).delay()).isEqualTo(Duration.ofMillis(30_001)));
    }

    @Test
    void whatTheEndpointRefusesIsGivenUpAndOpensNothing() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ids.add(jobs.addJob(VendorNotice.CART_ADD, new VendorNotice("brassline", "ada", "service-" + i)));
        }
        ids.add(jobs.addJob(VendorNotice.CART_ADD, new VendorNotice("nobody", "ada", "service")));
        queue.runUntilIdle();

        assertThat(ids)
                .allSatisfy(
                        id -> assertThat(jobs.getJob(id)).map(JobStatus::state).contains("failed"));
        assertThat(jobs.getJob(ids.get(0)).orElseThrow().error())
                .isEqualTo("the vendors' endpoint answered 410 wants no notices");
        assertThat(jobs.getJob(ids.get(6)).orElseThrow().error()).isEqualTo("no vendor 'nobody'");
        assertThat(breaker.stats().state()).isEqualTo("CLOSED");
    }

    @Test
    void anEndpointThatIsGoneIsTriedAgain() {
        endpoint.close();
        String id = jobs.addJob(VendorNotice.CART_ADD, new VendorNotice("lumen", "ada", "wedding-day"));

        queue.runUntilIdle();

        assertThat(jobs.getJob(id)).map(JobStatus::state).contains("delayed");
        assertThat(jobs.getJob(id).orElseThrow().failures()).isEqualTo(1);
    }
}
