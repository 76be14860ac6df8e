package io.tidemill.benchmarks.compare;

import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.util.List;

/** Tasks of {@link Features}. Each says first that it has started. */
final class FeatureTasks {

    /** Thrown by the first run of {@link #failOnce}. */
    static final class FirstRunException extends Exception {

        private static final long serialVersionUID = 1;

        FirstRunException() {
            super("the first run fails");
        }
    }

    private final Runnable started;

    FeatureTasks(Runnable started) {
        this.started = started;
    }

    /** Does nothing. */
    @Task(name = "mail", queue = MailTasks.QUEUE)
    public void send(Mail mail) {
        started.run();
    }

    /** Gives what it got. */
    @Task(name = "echo", queue = MailTasks.QUEUE)
    public Mail echo(Mail mail) {
        started.run();
        return mail;
    }

    /** Takes what the jobs of a group gave. */
    @Task(name = "join", queue = MailTasks.QUEUE)
    public void join(List<Mail> mails) {
        started.run();
    }

    /** Does nothing in its second run. */
    @Task(name = "once", queue = MailTasks.QUEUE, retry = @Retry(maxAttempts = 2, delay = "0s"))
    public void failOnce(Mail mail) throws FirstRunException {
        started.run();
        if (TaskContext.current().attempt() == 1) {
            throw new FirstRunException();
        }
    }
}
