package io.tidemill.examples.engreene.mail;

import io.tidemill.examples.engreene.jobs.JobHandler;
import io.tidemill.examples.engreene.jobs.QueuedJob;
import io.tidemill.examples.engreene.outside.Breaker;
import io.tidemill.task.TaskSignal;

/** Sends mails: the handler of {@code send-email}. */
public final class MailHandler implements JobHandler.WithResult<Email, Receipt> {

    private final Mailer mailer;
    private final Breaker breaker;

    /** Sends with this mailer, behind this circuit breaker. */
    public MailHandler(Mailer mailer, Breaker breaker) {
        this.mailer = mailer;
        this.breaker = breaker;
    }

    /** A server that is down or says 4xx is tried again; what it refuses is given up at once. */
    @Override
    public Receipt handle(QueuedJob<Email> job) throws Exception {
        try {
            return breaker.call(() -> mailer.send(job.id(), job.data()));
        } catch (MailRefusedException e) {
            throw new TaskSignal.GiveUp(e);
        }
    }
}
