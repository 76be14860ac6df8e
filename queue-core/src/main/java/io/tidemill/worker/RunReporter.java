package io.tidemill.worker;

import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.record.JobCodec;
import io.tidemill.text.LogNames;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs how the runs of one queue ended, and publishes the events, once the broker has answered. What went wrong is
 * logged even where nobody listens.
 *
 * <p>Thread-safe. Listeners run on the executor.
 */
final class RunReporter {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private final String queue;
    private final Observers observers;
    private final Executor executor;

    RunReporter(String queue, Observers observers, Executor executor) {
        this.queue = queue;
        this.observers = observers;
        this.executor = executor;
    }

    /** The broker has answered for these runs. */
    void report(List<Recorded> runs) {
        if (!runs.isEmpty()) {
            later(() -> runs.forEach(this::report));
        }
    }

    /** These jobs had not started in time. */
    void reportExpired(List<JobBrief> late) {
        if (!late.isEmpty()) {
            later(() -> late.forEach(job -> observers.publish(
                    new QueueEvent.Expired(JobRef.of(queue, job.id(), JobCodec.taskOf(job.beginning()))))));
        }
    }

    private void later(Runnable reports) {
        observers.publishLater(executor, "queue " + queue + ": publishing events", reports);
    }

    private void report(Recorded recorded) {
        Ended ended = recorded.ended();
        if (recorded.reply() == CompletionReply.STALE) {
            logStale(ended);
        } else if (recorded.reply() != CompletionReply.CANCELLED) {
            ended.verdict().log(log, ended.run());
        }
        observers.publish(ended.event(recorded.reply()));
        if (recorded.reply() == CompletionReply.SETTLED) {
            ended.verdict()
                    .followers()
                    .jobs()
                    .forEach(job -> observers.publish(new QueueEvent.Enqueued(JobRef.of(
                            queue, job.job().id(), JobCodec.taskOf(job.job().body())))));
        }
    }

    private void logStale(Ended ended) {
        Run run = ended.run();
        log.warn(
                ended.mayBeRecorded()
                        ? "job {} of task {} on queue {}: whether the outcome of attempt {} was recorded is not known,"
                                + " as the answer was lost; its lease has ended, and the job runs again if it was not"
                        : "job {} of task {} on queue {}: the outcome of attempt {} was not recorded, as its lease had"
                                + " ended; the job runs again, or already has",
                run.jobId(),
                run.task(),
                queue,
                run.attempt());
    }
}
