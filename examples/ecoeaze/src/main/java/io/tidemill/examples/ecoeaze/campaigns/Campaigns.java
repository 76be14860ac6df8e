package io.tidemill.examples.ecoeaze.campaigns;

import io.lettuce.core.api.StatefulRedisConnection;
import java.util.Collection;

/**
 * Who got a campaign's mail, and who came because of it: the sets {@code campaigns:<id>:sent} and
 * {@code campaigns:<id>:visited}. Thread-safe.
 */
public final class Campaigns {

    private final StatefulRedisConnection<String, String> redis;

    /** On this connection. */
    public Campaigns(StatefulRedisConnection<String, String> redis) {
        this.redis = redis;
    }

    /** Notes that these users get the mail. */
    public void sent(String campaign, Collection<String> users) {
        if (!users.isEmpty()) {
            redis.sync().sadd("campaigns:" + campaign + ":sent", users.toArray(String[]::new));
        }
    }

    /** Notes that a user followed the link in the mail. */
    public void visited(String campaign, String user) {
        redis.sync().sadd("campaigns:" + campaign + ":visited", user);
    }

    /** What came of a campaign. A visit counts only if the user got the mail. */
    public CampaignEffect effect(String campaign) {
        long sent = redis.sync().scard("campaigns:" + campaign + ":sent");
        int visited = redis.sync()
                .sinter("campaigns:" + campaign + ":sent", "campaigns:" + campaign + ":visited")
                .size();
        return new CampaignEffect(campaign, Math.toIntExact(sent), visited);
    }
}
