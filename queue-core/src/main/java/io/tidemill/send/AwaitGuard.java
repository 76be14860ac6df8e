package io.tidemill.send;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.observe.AwaitingRuns;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskContext;
import io.tidemill.text.LogNames;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a run that is about to wait for another job. What can never start while the run waits is refused at once:
 * the job itself, or one that a limit of one job at a time keeps back until the run has ended. What may start elsewhere
 * is only counted.
 *
 * <p>Thread-safe.
 */
final class AwaitGuard {

    private static final Logger log = LoggerFactory.getLogger(LogNames.QUEUE);

    private final Broker broker;
    private final @Nullable AwaitingRuns runs;

    /**
     * A guard.
     *
     * @param runs those of this process; null if it runs none
     */
    AwaitGuard(Broker broker, @Nullable AwaitingRuns runs) {
        this.broker = broker;
        this.runs = runs;
    }

    /**
     * Whether a run of this queue is on this thread; it is counted until {@link #leave}.
     *
     * @throws IllegalStateException if the job cannot start before the run has ended
     */
    boolean enter(Awaiter awaiter, String queue, String id) {
        TaskContext run = runOfThis();
        if (runs == null || run == null) {
            return false;
        }
        if (run.queue().equals(queue)) {
            if (run.jobId().equals(id)) {
                throw new IllegalStateException(
                        described(run) + " awaits itself, and it does not end before that wait does");
            }
            try {
                checkLimits(awaiter, run, queue, id);
            } catch (BrokerException e) {
                // What cannot be asked is not refused: the wait has a timeout, and asks again.
                log.debug("limits of queue {} are not known to who awaits job {}", queue, id, e);
            }
        }
        runs.enter(run.task(), described(run), "job " + id + " in queue " + queue, () -> hasEnded(awaiter, queue, id));
        return true;
    }

    /** Whether a run of this queue is on this thread; it is counted as one that awaits a workflow. */
    boolean enterWorkflow(String id, BooleanSupplier hasEnded) {
        TaskContext run = runOfThis();
        if (runs == null || run == null) {
            return false;
        }
        runs.enter(run.task(), described(run), "workflow " + id, hasEnded);
        return true;
    }

    private @Nullable TaskContext runOfThis() {
        TaskContext run = TaskContext.find().orElse(null);
        return run instanceof AwaitingRuns.Member member && member.awaitingRuns() == runs ? run : null;
    }

    /** The run that {@link #enter} has counted waits no longer. */
    void leave() {
        if (runs != null) {
            runs.leave();
        }
    }

    private boolean hasEnded(Awaiter awaiter, String queue, String id) {
        return !broker.abilities().contains(Ability.LOOK_UP)
                || found(awaiter, queue, id).map(job -> job.state().isFinal()).orElse(true);
    }

    private void checkLimits(Awaiter awaiter, TaskContext run, String queue, String id) {
        if (!broker.abilities().contains(Ability.LIMITS) || !broker.abilities().contains(Ability.LOOK_UP)) {
            return;
        }
        QueueLimits limits = awaiter.ask(broker.limits().limits(queue), "the limits of queue " + queue);
        boolean groupsCount =
                isOne(limits.groups()) || limits.overrides().values().stream().anyMatch(AwaitGuard::isOne);
        if (!isOne(limits.queue()) && !groupsCount) {
            return;
        }
        JobSnapshot awaited = found(awaiter, queue, id).orElse(null);
        if (awaited == null || awaited.state().isFinal() || awaited.state() == JobState.ACTIVE) {
            return;
        }
        if (isOne(limits.queue())) {
            throw refused(run, awaited, "queue " + queue);
        }
        String group = awaited.constraints().group();
        String own = found(awaiter, queue, run.jobId())
                .map(job -> job.constraints().group())
                .orElse(null);
        if (group != null && group.equals(own) && isOne(limits.of(group))) {
            throw refused(run, awaited, "group " + group + " of queue " + queue);
        }
    }

    private Optional<JobSnapshot> found(Awaiter awaiter, String queue, String id) {
        CompletableFuture<Optional<JobSnapshot>> answer = broker.lookUp().find(queue, id, false);
        return awaiter.ask(answer, "job " + id + " in queue " + queue);
    }

    private static boolean isOne(Limits limits) {
        return limits.concurrency() != null && limits.concurrency().jobs() == 1;
    }

    private static IllegalStateException refused(TaskContext run, JobSnapshot awaited, String where) {
        return new IllegalStateException(described(run) + " awaits job " + awaited.id()
                + ", which cannot start before it ends: "
                + where + " runs one job at a time (concurrency limit of 1); let it end and enqueue what follows it, or"
                + " await a job that is not under this limit");
    }

    private static String described(TaskContext run) {
        return "job " + run.jobId() + " of task " + run.task() + " on queue " + run.queue();
    }
}
