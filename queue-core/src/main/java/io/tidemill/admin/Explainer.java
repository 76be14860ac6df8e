package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.record.WorkerRecord;
import io.tidemill.task.JobState;
import java.time.Instant;
import java.util.List;

/** Says why a job is not running: the one cause that comes first. */
final class Explainer {

    private final Broker broker;

    Explainer(Broker broker) {
        this.broker = broker;
    }

    Explanation explain(String queue, String id) {
        return Answers.of(broker.operations().inspect(queue, id), "about job " + id)
                .map(seen -> explain(queue, seen))
                .orElseGet(Explanation.Unknown::new);
    }

    private Explanation explain(String queue, Inspection seen) {
        JobSnapshot job = seen.job();
        if (job.state() == JobState.DEAD) {
            return new Explanation.Dead(
                    Instant.ofEpochMilli(job.timeMillis()), JobInfo.of(job).failure());
        }
        if (job.state().isFinal()) {
            return new Explanation.Ended(job.state());
        }
        if (seen.token() != null) {
            return new Explanation.Held(LeaseHolder.of(seen.token(), seen.leaseEndsMillis()));
        }
        List<WorkerSnapshot> workers =
                Answers.of(broker.operations().workers(queue), "for the workers of queue " + queue);
        String task = JobInfo.of(job).task();
        boolean isKnown = workers.stream()
                .anyMatch(worker -> WorkerRecord.decode(worker.info()).tasks().contains(task));
        if (!workers.isEmpty() && !isKnown) {
            // First: a worker that does not know the task delays the job, again and again.
            return new Explanation.NoWorkerKnowsTask(task);
        }
        if (job.state() == JobState.SCHEDULED) {
            return new Explanation.Delayed(Instant.ofEpochMilli(job.timeMillis()));
        }
        if (seen.isPaused()) {
            return new Explanation.Paused();
        }
        if (workers.isEmpty()) {
            return new Explanation.NoWorker();
        }
        return seen.heldUp() == null ? new Explanation.Behind(seen.ahead()) : limited(seen.heldUp());
    }

    private static Explanation limited(Inspection.HeldUp limit) {
        if (limit.before() != null) {
            return new Explanation.InOrder(limit.group(), limit.before(), Instant.ofEpochMilli(limit.untilMillis()));
        }
        return new Explanation.Limited(
                limit.group(), limit.untilMillis() == 0 ? null : Instant.ofEpochMilli(limit.untilMillis()));
    }
}
