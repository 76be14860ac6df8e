package io.tidemill.send;

import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.observe.AwaitingRuns;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskContext;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a run that is about to wait for another job. What can never start while the run waits is refused at once:
 * the job itself, or one that a limit of one job at a time keeps back until the run has ended. What may start elsewhere
 * is only counted.
 *
 * <p>Thread-safe.
 */
final class AwaitGuard {

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
     * @param nanos the longest time that this may take. What the broker does not answer in it is not refused: the wait
     *     has a timeout, and asks again
     * @throws IllegalStateException if the job cannot start before the run has ended
     */
    boolean enter(Awaiter awaiter, String queue, String id, long nanos) throws InterruptedException {
        TaskContext run = runOfThis();
        if (runs == null || run == null) {
            return false;
        }
        Questions questions = new Questions(awaiter, queue, nanos);
        if (run.queue().equals(queue)) {
            if (run.jobId().equals(id)) {
                throw new IllegalStateException(
                        described(run) + " awaits itself, and it does not end before that wait does");
            }
            checkLimits(questions, run, queue, id);
        }
        runs.enter(run.task(), described(run), "job " + id + " in queue " + queue, () -> questions.hasEnded(id));
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

    private void checkLimits(Questions questions, TaskContext run, String queue, String id)
            throws InterruptedException {
        if (!broker.abilities().contains(Ability.LIMITS) || !broker.abilities().contains(Ability.LOOK_UP)) {
            return;
        }
        QueueLimits limits = questions.limits();
        boolean groupsCount =
                isOne(limits.groups()) || limits.overrides().values().stream().anyMatch(AwaitGuard::isOne);
        if (!isOne(limits.queue()) && !groupsCount) {
            return;
        }
        JobSnapshot awaited = questions.find(id).orElse(null);
        if (awaited == null || awaited.state().isFinal() || awaited.state() == JobState.ACTIVE) {
            return;
        }
        if (isOne(limits.queue())) {
            throw refused(run, awaited, "queue " + queue);
        }
        String group = awaited.constraints().group();
        String own = questions
                .find(run.jobId())
                .map(job -> job.constraints().group())
                .orElse(null);
        if (group != null && group.equals(own) && isOne(limits.of(group))) {
            throw refused(run, awaited, "group " + group + " of queue " + queue);
        }
    }

    /** What is asked about one queue, all of it within one time. */
    private final class Questions {

        private final Awaiter awaiter;
        private final String queue;
        private final long begun;
        private final long nanos;

        Questions(Awaiter awaiter, String queue, long nanos) {
            this.awaiter = awaiter;
            this.queue = queue;
            this.nanos = nanos;
            begun = awaiter.nanos();
        }

        /** None if they are not known. */
        QueueLimits limits() throws InterruptedException {
            return ask(() -> broker.limits().limits(queue)).orElse(QueueLimits.NONE);
        }

        Optional<JobSnapshot> find(String id) throws InterruptedException {
            return ask(() -> broker.lookUp().find(queue, id, false)).flatMap(job -> job);
        }

        /** What is not known is taken for ended. */
        boolean hasEnded(String id) {
            try {
                return !broker.abilities().contains(Ability.LOOK_UP)
                        || find(id).map(job -> job.state().isFinal()).orElse(true);
            } catch (InterruptedException e) {
                // For the wait that follows.
                Thread.currentThread().interrupt();
                return true;
            }
        }

        private <V> Optional<V> ask(Supplier<CompletableFuture<V>> question) throws InterruptedException {
            return awaiter.askFor(Safely.ask(question), Math.max(0, nanos - (awaiter.nanos() - begun)));
        }
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
