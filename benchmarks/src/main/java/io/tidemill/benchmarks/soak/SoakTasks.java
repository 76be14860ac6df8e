package io.tidemill.benchmarks.soak;

import io.tidemill.benchmarks.Mail;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;

/** What a soak runs. */
public final class SoakTasks {

    /** The queue of the tasks. */
    public static final String QUEUE = "soak";

    private static final int ONE_IN = 100;

    /** Fails once in a hundred, and then succeeds. */
    @Task(name = "soak_send", queue = QUEUE, retry = @Retry(maxAttempts = 10, delay = "100ms"))
    public void send(Mail mail) {
        if (mail.n() % ONE_IN == 0 && TaskContext.current().attempt() == 1) {
            throw new IllegalStateException("the mail server is busy");
        }
    }

    /** Returns something that is kept for a second. */
    @Task(name = "soak_price", queue = QUEUE, resultTtl = "1s")
    public int price(Mail mail) {
        return mail.n();
    }
}
