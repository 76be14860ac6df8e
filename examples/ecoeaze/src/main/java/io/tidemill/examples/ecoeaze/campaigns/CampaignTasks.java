package io.tidemill.examples.ecoeaze.campaigns;

import static io.tidemill.client.Call.call;

import io.tidemill.client.Call;
import io.tidemill.client.TaskClient;
import io.tidemill.examples.ecoeaze.mail.MailTasks;
import io.tidemill.examples.ecoeaze.mail.Receipt;
import io.tidemill.task.Priority;
import io.tidemill.task.Task;
import java.util.List;

/** Campaigns in the background. */
public final class CampaignTasks {

    private final TaskClient queue;
    private final Campaigns campaigns;

    /** Requests mails from this queue and notes there who got one. */
    public CampaignTasks(TaskClient queue, Campaigns campaigns) {
        this.queue = queue;
        this.campaigns = campaigns;
    }

    /**
     * Requests a mail for everyone, all in one step and behind all other mail. Each mail has an id made from the
     * campaign's and the user's: nobody gets it twice, however often this job runs.
     *
     * @return how many mails were requested
     */
    @Task(name = "send_campaign", queue = "campaigns", timeout = "1m")
    public int sendCampaign(Campaign campaign) {
        List<Call<Receipt>> mails = campaign.audience().entrySet().stream()
                .map(each -> call(MailTasks::sendEmail, each.getValue(), campaign.subject(), campaign.text())
                        .priority(Priority.LOWEST)
                        .id("campaign:" + campaign.id() + ":" + each.getKey()))
                .toList();
        queue.enqueueAll(mails);
        campaigns.sent(campaign.id(), campaign.audience().keySet());
        return mails.size();
    }
}
