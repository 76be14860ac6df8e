package io.tidemill.examples.ecoeaze.notifications;

import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.time.Instant;

/** Notifications in the background. */
public final class PushTasks {

    private final Notifications notifications;

    /** Sends with this. */
    public PushTasks(Notifications notifications) {
        this.notifications = notifications;
    }

    /**
     * Sends a notification to a user, once, even if the job runs again.
     *
     * @return how many clients received it at once; the others find it in the user's history
     */
    @Task(name = "send_push_notification", queue = "notifications", timeout = "10s")
    public long sendPushNotification(String user, String title, String body) {
        String id = TaskContext.current().jobId();
        return notifications.push(
                user, new Notification(id, title, body, Instant.now().toString()));
    }
}
