package io.tidemill.docs;

import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;

// region: declare-tasks
public class MailTasks {

    public record Receipt(String messageId, String to) {}

    private final Mailer mailer;

    public MailTasks(Mailer mailer) {
        this.mailer = mailer;
    }

    @Task(name = "send_email", queue = "mail", timeout = "30s", retry = @Retry(maxAttempts = 8, delay = "5s"))
    public Receipt sendEmail(String to, String subject) {
        String messageId = TaskContext.current().jobId(); // the same in every attempt
        mailer.send(messageId, to, subject);
        return new Receipt(messageId, to);
    }
}
// endregion
