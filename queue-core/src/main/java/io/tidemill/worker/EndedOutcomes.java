package io.tidemill.worker;

import io.tidemill.broker.JobOutcome;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.record.Payloads;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.LogNames;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores how jobs ended, beside a broker that cannot look them up: every end that this process publishes. The result of
 * a run is not stored here, as it is stored before the run is recorded.
 *
 * <p>Thread-safe.
 */
public final class EndedOutcomes implements QueueListener {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private static final Duration DEFAULT_TTL = Duration.ofHours(1);

    private final Payloads payloads;
    private final ResultWriter writer;
    private final Map<String, TaskDefinition> tasks;

    /** Stores outcomes of these tasks, by name, for as long as their results are kept. */
    public EndedOutcomes(ResultWriter writer, Payloads payloads, Map<String, TaskDefinition> tasks) {
        this.payloads = payloads;
        this.writer = writer;
        this.tasks = Map.copyOf(tasks);
    }

    @Override
    public void on(QueueEvent event) {
        if (event instanceof JobEvent ended && ended.isEnd()) {
            ended(ended);
        }
    }

    private void ended(JobEvent event) {
        TaskDefinition task = tasks.get(event.task());
        Duration ttl = task == null || task.resultTtl().isZero() ? DEFAULT_TTL : task.resultTtl();
        if (event instanceof QueueEvent.Succeeded && keepsResult(task)) {
            return;
        }
        writer.store(event.queue(), outcome(event, ttl.toMillis())).whenComplete((done, failure) -> {
            if (failure != null) {
                log.error(
                        "job {} of task {} has ended, but how could not be stored, and nobody who waits for it hears of"
                                + " it: {}",
                        event.jobId(),
                        event.task(),
                        failure.getMessage());
            }
        });
    }

    private static boolean keepsResult(@Nullable TaskDefinition task) {
        return task != null && task.hasResult() && !task.resultTtl().isZero();
    }

    private JobOutcome outcome(JobEvent event, long ttlMillis) {
        if (event instanceof QueueEvent.Died died) {
            byte[] failure = payloads.failure(died.failure(), event.queue(), event.task(), event.jobId());
            return JobOutcome.dead(event.jobId(), event.attempt(), failure, ttlMillis);
        }
        JobState state = event instanceof QueueEvent.Succeeded
                ? JobState.SUCCEEDED
                : event instanceof QueueEvent.Expired ? JobState.EXPIRED : JobState.CANCELLED;
        return JobOutcome.ended(event.jobId(), state, event.attempt(), ttlMillis);
    }
}
