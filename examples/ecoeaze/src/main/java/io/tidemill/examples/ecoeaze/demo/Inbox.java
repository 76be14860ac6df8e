package io.tidemill.examples.ecoeaze.demo;

import io.tidemill.examples.ecoeaze.notifications.Notification;
import io.tidemill.examples.ecoeaze.notifications.Notifications;
import java.time.Duration;
import java.util.List;

/** A user's device: it is connected and receives what is pushed to the user. */
public final class Inbox implements AutoCloseable {

    private final Feed feed;

    private Inbox(Feed feed) {
        this.feed = feed;
    }

    /** Connects; everything pushed from now on is received. */
    public static Inbox open(String redisUrl, String user) {
        return new Inbox(Feed.open(redisUrl, Notifications.channel(user)));
    }

    /** Takes the next notifications, or fewer if they have not come in time. */
    public List<Notification> take(int count, Duration timeout) throws InterruptedException {
        return feed.take(count, timeout).stream().map(Notifications::parse).toList();
    }

    @Override
    public void close() {
        feed.close();
    }
}
