package io.tidemill.examples.ecoeaze.mail;

import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;

/** Mail in the background. */
public final class MailTasks {

    private final Mailer mailer;

    /** Sends with this. */
    public MailTasks(Mailer mailer) {
        this.mailer = mailer;
    }

    /**
     * Sends one mail. A server that is down or asks for patience is tried again, at first after a moment and in the end
     * for about a quarter of an hour; a refused mail is given up at once.
     */
    @Task(
            name = "send_email",
            queue = "mail",
            timeout = "30s",
            retry =
                    @Retry(
                            maxAttempts = 8,
                            delay = "250ms",
                            multiplier = 4,
                            maxDelay = "10m",
                            giveUpOn = MailRefusedException.class))
    public Receipt sendEmail(String to, String subject, String text) throws MailException {
        return mailer.send(TaskContext.current().jobId(), to, subject, text);
    }
}
