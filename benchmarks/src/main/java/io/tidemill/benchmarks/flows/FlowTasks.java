package io.tidemill.benchmarks.flows;

import io.tidemill.benchmarks.Mail;
import io.tidemill.benchmarks.MailTasks;
import io.tidemill.task.Task;
import java.util.List;

/** The tasks of all shapes. */
final class FlowTasks {

    /** Gives what it got. */
    @Task(name = "echo", queue = MailTasks.QUEUE)
    public Mail echo(Mail mail) {
        return mail;
    }

    /** Takes what the jobs of a group gave. */
    @Task(name = "join", queue = MailTasks.QUEUE)
    public void join(List<Mail> mails) {}
}
