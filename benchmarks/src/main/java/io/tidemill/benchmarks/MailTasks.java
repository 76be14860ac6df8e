package io.tidemill.benchmarks;

import io.tidemill.task.Task;
import java.util.function.Consumer;

/** The task of all measurements: hands its argument to whoever measures, and does nothing else. */
public final class MailTasks {

    /** The queue of the task. */
    public static final String QUEUE = "mail";

    private final Consumer<Mail> started;

    /** A task that does nothing. */
    public MailTasks() {
        this(mail -> {});
    }

    /** A task that tells when it starts. */
    public MailTasks(Consumer<Mail> started) {
        this.started = started;
    }

    @Task(name = "mail", queue = QUEUE)
    public void send(Mail mail) {
        started.accept(mail);
    }
}
