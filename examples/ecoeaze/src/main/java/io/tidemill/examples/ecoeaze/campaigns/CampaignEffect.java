package io.tidemill.examples.ecoeaze.campaigns;

/**
 * What came of a campaign.
 *
 * @param campaign its id
 * @param sent how many users got the mail
 * @param visited how many of them came because of it
 */
public record CampaignEffect(String campaign, int sent, int visited) {

    /** The share of those who came, 0 to 1. */
    public double rate() {
        return sent == 0 ? 0 : (double) visited / sent;
    }
}
