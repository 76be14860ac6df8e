package io.tidemill.examples.common;

import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import java.time.Duration;

/**
 * What came of the jobs of one task.
 *
 * @param task its name
 * @param jobs how many were requested
 * @param runs how many times they ran
 * @param retried how many runs failed and were tried again
 * @param succeeded how many ended well
 * @param dead how many were given up
 * @param took how long the good runs took together
 */
public record TaskTotals(String task, int jobs, int runs, int retried, int succeeded, int dead, Duration took) {

    static TaskTotals of(JobEvent event) {
        return new TaskTotals(
                event.task(),
                event instanceof QueueEvent.Enqueued ? 1 : 0,
                event instanceof QueueEvent.Started ? 1 : 0,
                event instanceof QueueEvent.Retrying ? 1 : 0,
                event instanceof QueueEvent.Succeeded ? 1 : 0,
                event instanceof QueueEvent.Died ? 1 : 0,
                event instanceof QueueEvent.Succeeded done ? done.took() : Duration.ZERO);
    }

    TaskTotals plus(TaskTotals other) {
        return new TaskTotals(
                task,
                jobs + other.jobs,
                runs + other.runs,
                retried + other.retried,
                succeeded + other.succeeded,
                dead + other.dead,
                took.plus(other.took));
    }

    /** How long a good run took, in milliseconds. */
    public double meanMillis() {
        return succeeded == 0 ? 0 : took.toNanos() / 1e6 / succeeded;
    }
}
