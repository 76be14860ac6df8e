package io.tidemill.send;

import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.client.JobHandle;
import io.tidemill.observe.AwaitingRuns;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.JobState;
import io.tidemill.task.TaskContext;
import io.tidemill.text.Texts;
import java.util.List;
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

    /** Of the jobs that a run awaits together, before it is logged that they hold each other up. */
    private static final int MAX_LOOKED_AT = 100;

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
     * @param jobs what it awaits; not empty
     * @param nanos the longest time that this may take. What the broker does not answer in it is not refused: the wait
     *     has a timeout, and asks again
     * @throws IllegalStateException if one of the jobs cannot start before the run has ended
     */
    boolean enter(Awaiter awaiter, List<? extends JobHandle<?>> jobs, long nanos) throws InterruptedException {
        TaskContext run = runOfThis();
        if (runs == null || run == null) {
            return false;
        }
        List<String> besideIt = jobs.stream()
                .filter(job -> job.queue().equals(run.queue()))
                .map(JobHandle::id)
                .toList();
        if (besideIt.contains(run.jobId())) {
            throw new IllegalStateException(
                    described(run) + " awaits itself, and it does not end before that wait does");
        }
        Questions questions = new Questions(awaiter, nanos);
        if (!besideIt.isEmpty()) {
            checkLimits(questions, run, besideIt);
        }
        runs.enter(run.task(), described(run), described(jobs), () -> questions.haveEnded(jobs));
        return true;
    }

    private static String described(List<? extends JobHandle<?>> jobs) {
        JobHandle<?> first = jobs.get(0);
        String more = jobs.size() == 1 ? "" : " and " + Texts.count(jobs.size() - 1, "other");
        return "job " + first.id() + " in queue " + first.queue() + more;
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

    private void checkLimits(Questions questions, TaskContext run, List<String> ids) throws InterruptedException {
        if (!broker.abilities().contains(Ability.LIMITS) || !broker.abilities().contains(Ability.LOOK_UP)) {
            return;
        }
        QueueLimits limits = questions.limits(run.queue());
        boolean groupsCount =
                isOne(limits.groups()) || limits.overrides().values().stream().anyMatch(AwaitGuard::isOne);
        if (!isOne(limits.queue()) && !groupsCount) {
            return;
        }
        String ownGroup = groupsCount
                ? questions
                        .find(run.queue(), run.jobId())
                        .map(job -> job.constraints().group())
                        .orElse(null)
                : null;
        for (String id : ids) {
            JobSnapshot awaited = questions.find(run.queue(), id).orElse(null);
            if (awaited != null && !awaited.state().isFinal() && awaited.state() != JobState.ACTIVE) {
                checkLimits(limits, run, awaited, ownGroup);
            }
        }
    }

    private static void checkLimits(
            QueueLimits limits, TaskContext run, JobSnapshot awaited, @Nullable String ownGroup) {
        if (isOne(limits.queue())) {
            throw refused(run, awaited, "queue " + run.queue());
        }
        String group = awaited.constraints().group();
        if (group != null && group.equals(ownGroup) && isOne(limits.of(group))) {
            throw refused(run, awaited, "group " + group + " of queue " + run.queue());
        }
    }

    /** What is asked about jobs, all of it within one time. */
    private final class Questions {

        private final Awaiter awaiter;
        private final long begun;
        private final long nanos;

        Questions(Awaiter awaiter, long nanos) {
            this.awaiter = awaiter;
            this.nanos = nanos;
            begun = awaiter.nanos();
        }

        /** None if they are not known. */
        QueueLimits limits(String queue) throws InterruptedException {
            return ask(() -> broker.limits().limits(queue)).orElse(QueueLimits.NONE);
        }

        Optional<JobSnapshot> find(String queue, String id) throws InterruptedException {
            return ask(() -> broker.lookUp().find(queue, id, false)).flatMap(job -> job);
        }

        /** What is not known is taken for ended, and of many jobs those that are not looked at. */
        boolean haveEnded(List<? extends JobHandle<?>> jobs) {
            try {
                for (JobHandle<?> job : jobs.subList(0, Math.min(MAX_LOOKED_AT, jobs.size()))) {
                    if (broker.abilities().contains(Ability.LOOK_UP)
                            && find(job.queue(), job.id())
                                    .filter(found -> !found.state().isFinal())
                                    .isPresent()) {
                        return false;
                    }
                }
                return true;
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
