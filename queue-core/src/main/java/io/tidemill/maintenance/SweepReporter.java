package io.tidemill.maintenance;

import io.tidemill.broker.JobBrief;
import io.tidemill.broker.RecoverReply;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.message.Failure;
import io.tidemill.observe.Observers;
import io.tidemill.record.JobCodec;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what sweeps did with jobs, and publishes the events.
 *
 * <p>Thread-safe. Listeners run on the executor.
 */
final class SweepReporter {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private final Observers observers;
    private final Executor executor;

    SweepReporter(Observers observers, Executor executor) {
        this.observers = observers;
        this.executor = executor;
    }

    /** These jobs had not started in time. */
    void expired(String queue, List<JobBrief> late) {
        if (!late.isEmpty()) {
            log.info("queue {}: {} not started in time, expired", queue, Texts.count(late.size(), "job"));
            later(queue, () -> late.forEach(job -> observers.publish(new QueueEvent.Expired(ref(queue, job)))));
        }
    }

    /**
     * Jobs were recovered.
     *
     * @param failure why those died whose leases had ended too often
     */
    void recovered(String queue, RecoverReply reply, Failure failure) {
        if (reply.recovered().isEmpty() && reply.dead().isEmpty()) {
            return;
        }
        log.info(
                "queue {}: {} recovered, as the lease had ended; dead of it: {}",
                queue,
                Texts.count(reply.recovered().size() + reply.dead().size(), "job"),
                reply.dead().size());
        later(queue, () -> {
            reply.recovered()
                    .forEach(job -> observers.publish(new QueueEvent.Recovered(ref(queue, job), lostRun(job))));
            reply.dead().forEach(job -> died(queue, job, failure));
        });
    }

    private void died(String queue, JobBrief job, Failure failure) {
        QueueEvent.Died died = new QueueEvent.Died(ref(queue, job), lostRun(job), failure);
        log.warn(
                "job {} of task {} on queue {} is dead after attempt {}: its lease ended {}; {}",
                died.jobId(),
                died.task(),
                queue,
                died.attempt(),
                Texts.count(job.lostLeases(), "time"),
                failure.line());
        observers.publish(died);
    }

    private static JobRef ref(String queue, JobBrief job) {
        return JobRef.of(queue, job.id(), JobCodec.taskOf(job.beginning()));
    }

    /** The last run of a job whose lease has just ended. */
    private static RunInfo lostRun(JobBrief job) {
        return RunInfo.of(job.attempt()).withCounts(job.failures(), Math.max(0, job.lostLeases() - 1), job.releases());
    }

    private void later(String queue, Runnable reports) {
        observers.publishLater(executor, "queue " + queue + ": publishing the events of a sweep", reports);
    }
}
