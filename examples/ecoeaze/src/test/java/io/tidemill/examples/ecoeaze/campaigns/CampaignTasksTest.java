package io.tidemill.examples.ecoeaze.campaigns;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.examples.ecoeaze.TestRedis;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mails stay in a queue in memory that nobody works on. */
class CampaignTasksTest {

    private final TaskQueue queue = TaskQueue.builder().start();
    private final Campaigns campaigns = new Campaigns(TestRedis.empty());
    private final CampaignTasks tasks = new CampaignTasks(queue, campaigns);
    private final Campaign spring = new Campaign(
            "spring",
            "Spring is here",
            "Come and see.",
            Map.of("ada", "ada@customers.example", "bob", "bob@customers.example"));

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void requestsAMailForEveryone() {
        assertThat(tasks.sendCampaign(spring)).isEqualTo(2);

        assertThat(mails())
                .extracting(JobInfo::id)
                .containsExactlyInAnyOrder("campaign:spring:ada", "campaign:spring:bob");
        assertThat(mails())
                .extracting(JobInfo::payload)
                .contains("[\"ada@customers.example\",\"Spring is here\",\"Come and see.\"]");
        assertThat(mails()).extracting(JobInfo::priority).containsOnly(0);
        assertThat(campaigns.effect("spring")).isEqualTo(new CampaignEffect("spring", 2, 0));
    }

    @Test
    void nobodyGetsAMailTwice() {
        tasks.sendCampaign(spring);

        tasks.sendCampaign(spring);

        assertThat(mails()).hasSize(2);
    }

    @Test
    void anEmptyAudienceIsNoError() {
        assertThat(tasks.sendCampaign(new Campaign("none", "Hi", "", Map.of()))).isZero();
        assertThat(campaigns.effect("none").rate()).isZero();
    }

    private List<JobInfo> mails() {
        return queue.admin().list("mail", JobState.READY, 0, 10);
    }
}
