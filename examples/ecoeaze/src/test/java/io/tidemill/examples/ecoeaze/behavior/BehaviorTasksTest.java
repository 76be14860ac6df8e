package io.tidemill.examples.ecoeaze.behavior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.StatefulRedisConnection;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.examples.ecoeaze.campaigns.CampaignEffect;
import io.tidemill.examples.ecoeaze.campaigns.Campaigns;
import io.tidemill.examples.ecoeaze.files.Sheets;
import io.tidemill.task.TaskContext;
import io.tidemill.test.TestContext;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BehaviorTasksTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.parse("2026-03-10");

    private final StatefulRedisConnection<String, String> redis = TestRedis.empty();
    private final Behavior behavior = new Behavior(redis);
    private final Campaigns campaigns = new Campaigns(redis);

    @TempDir
    Path directory;

    @Test
    void keepsWhatAUserDidInASortedSetByTime() throws Exception {
        track("job-1", "user123", "search", Map.of(), NOON);
        track("job-2", "user123", "product_view", Map.of("productId", "honey"), NOON.plusSeconds(1));

        assertThat(redis.sync().type("behavior:user:user123")).isEqualTo("zset");
        assertThat(redis.sync().zrangeWithScores("behavior:user:user123", 0, -1))
                .extracting(each -> (long) each.getScore())
                .containsExactly(NOON.toEpochMilli(), NOON.toEpochMilli() + 1000);
        assertThat(behavior.of("user123", 10))
                .containsExactly(
                        new UserAction(
                                "job-2", "user123", "product_view", Map.of("productId", "honey"), NOON.plusSeconds(1)),
                        new UserAction("job-1", "user123", "search", Map.of(), NOON));
    }

    @Test
    void countsByDayUserActionAndProduct() throws Exception {
        track("job-1", "ada", "product_view", Map.of("productId", "honey"), NOON);
        track("job-2", "ada", "product_view", Map.of("productId", "eggs"), NOON);
        track("job-3", "bob", "product_view", Map.of("productId", "honey"), NOON);
        track("job-4", "bob", "search", Map.of(), NOON);
        track("job-5", "bob", "search", Map.of(), NOON.minus(Duration.ofDays(1)));

        assertThat(behavior.actions(TODAY)).isEqualTo(Map.of("product_view", 3, "search", 1));
        assertThat(behavior.actions(TODAY).keySet()).containsExactly("product_view", "search");
        assertThat(behavior.users(TODAY)).isEqualTo(Map.of("ada", 2, "bob", 2));
        assertThat(behavior.products(TODAY)).isEqualTo(Map.of("honey", 2, "eggs", 1));
        assertThat(behavior.users(TODAY.minusDays(1))).isEqualTo(Map.of("bob", 1));
    }

    @Test
    void countsOnceWhenTheJobRunsTwice() throws Exception {
        track("job-1", "ada", "search", Map.of(), NOON);
        track("job-1", "ada", "search", Map.of(), NOON.plusSeconds(5));

        assertThat(behavior.actions(TODAY)).isEqualTo(Map.of("search", 1));
        assertThat(behavior.of("ada", 10)).hasSize(1);
    }

    @Test
    void keepsAUsersLastThousand() {
        for (int i = 1; i <= 1005; i++) {
            behavior.track(new UserAction("a-" + i, "ada", "search", Map.of(), NOON.plusMillis(i)));
        }

        assertThat(redis.sync().zcard("behavior:user:ada")).isEqualTo(1000);
        assertThat(behavior.of("ada", 1)).extracting(UserAction::id).containsExactly("a-1005");
        assertThat(behavior.of("ada", 1000)).extracting(UserAction::id).endsWith("a-6");
    }

    @Test
    void forgetsAfterNinetyDays() throws Exception {
        track("job-1", "ada", "search", Map.of("productId", "eggs"), NOON);

        for (String key : redis.sync().keys("behavior:*")) {
            assertThat(redis.sync().pttl(key)).isBetween(1L, Duration.ofDays(90).toMillis());
        }
    }

    @Test
    void aVisitCountsForItsCampaign() throws Exception {
        campaigns.sent("spring", List.of("ada", "bob"));

        track("job-1", "ada", "campaign_visit", Map.of("campaign", "spring"), NOON);
        track("job-2", "ada", "campaign_visit", Map.of("campaign", "spring"), NOON);
        track("job-3", "eve", "campaign_visit", Map.of("campaign", "spring"), NOON);

        assertThat(campaigns.effect("spring")).isEqualTo(new CampaignEffect("spring", 2, 1));
        assertThat(campaigns.effect("spring").rate()).isEqualTo(0.5);
    }

    @Test
    void reportsEngagementByDayActionUserAndProduct() throws Exception {
        track("job-1", "ada", "product_view", Map.of("productId", "honey"), NOON);
        track("job-2", "ada", "search", Map.of(), NOON);
        track("job-3", "ada", "search", Map.of(), NOON.minus(Duration.ofDays(1)));
        track("job-4", "bob", "search", Map.of(), NOON.minus(Duration.ofDays(1)));
        track("job-5", "eve", "search", Map.of(), NOON.minus(Duration.ofDays(2)));

        EngagementReport report = tasks(NOON).generateUserEngagementReport(2);

        assertThat(report)
                .isEqualTo(new EngagementReport(
                        directory
                                .resolve("engagement-2026-03-09-2026-03-10.xlsx")
                                .toString(),
                        2,
                        4,
                        Map.of("search", 3, "product_view", 1)));
        List<List<String>> days = Sheets.read(report.path(), "Days");
        assertThat(days.get(0)).containsExactly("Engagement, 2026-03-09 to 2026-03-10");
        assertThat(days.get(2).subList(1, 3)).containsExactly("2", "2");
        assertThat(days.get(3).subList(1, 3)).containsExactly("1", "2");
        assertThat(days.get(4)).containsExactly("Total", "2", "4");
        assertThat(Sheets.read(report.path(), "Actions"))
                .containsExactly(List.of("Action", "Actions"), List.of("search", "3"), List.of("product_view", "1"));
        assertThat(Sheets.read(report.path(), "Users"))
                .containsExactly(List.of("User", "Actions"), List.of("ada", "3"), List.of("bob", "1"));
        assertThat(Sheets.read(report.path(), "Products"))
                .containsExactly(List.of("Product", "Actions"), List.of("honey", "1"));
    }

    @Test
    void refusesAReportOfTooManyDays() {
        assertThatThrownBy(() -> tasks(NOON).generateUserEngagementReport(91))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a report covers 1 to 90 days, not 91");
    }

    private void track(String job, String user, String action, Map<String, String> details, Instant at)
            throws Exception {
        TaskContext.callWith(TestContext.of(job), () -> {
            tasks(at).trackUserBehavior(user, action, details);
            return null;
        });
    }

    private BehaviorTasks tasks(Instant now) {
        return new BehaviorTasks(behavior, campaigns, directory, Clock.fixed(now, ZoneOffset.UTC));
    }
}
