package io.tidemill.broker.memory;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.Note;
import io.tidemill.broker.NoteReply;
import io.tidemill.broker.Notes;
import io.tidemill.broker.Report;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Records what runs of the jobs of one queue note, and how they ended. Guarded by the lock of the queue. */
final class QueueCompletions {

    private final MemoryQueue queue;

    QueueCompletions(MemoryQueue queue) {
        this.queue = queue;
    }

    CompleteReply complete(List<Completion.Succeeded> runs, @Nullable ClaimRequest next) {
        if (next == null || queue.claims.isTaken(next)) {
            List<CompletionReply> settled = succeed(runs);
            return new CompleteReply(settled, next == null ? null : queue.claims.claim(next));
        }
        // What was due before goes ahead of groups that this very call makes room for.
        queue.sweeper.promoteDue(MemoryQueue.PROMOTED_PER_CLAIM);
        List<CompletionReply> settled = succeed(runs);
        return new CompleteReply(settled, queue.claims.take(next));
    }

    private List<CompletionReply> succeed(List<Completion.Succeeded> runs) {
        // The ids of jobs that end here are known to what follows them, as that is settled before anything ends.
        Set<String> ending = new HashSet<>();
        for (Completion.Succeeded run : runs) {
            if (run.followers() != null && queue.jobs.containsKey(run.id())) {
                ending.add(run.id());
            }
        }
        List<CompletionReply> settled = settle(runs, (job, run) -> succeed(job, run, ending));
        runs.stream()
                .map(Completion.Succeeded::keep)
                .filter(Objects::nonNull)
                .mapToLong(Completion.Keep::newest)
                .max()
                .ifPresent(newest -> queue.kept.trim(newest, Broker.MAX_BATCH, queue.now));
        return settled;
    }

    List<CompletionReply> fail(List<Completion.Failed> runs) {
        return settle(runs, this::fail);
    }

    List<CompletionReply> release(List<Completion.Release> runs) {
        List<StoredJob> first = new ArrayList<>();
        List<CompletionReply> replies = settle(runs, (job, run) -> release(job, run, first));
        queue.readyFirst(first);
        return replies;
    }

    /** The number tells a repeated request from a new one, and a request that arrives late from the newest. */
    NoteReply note(Note note) {
        StoredJob job = queue.leases.held(note.token(), note.id());
        if (job == null) {
            return NoteReply.STALE;
        }
        Notes present = job.notes;
        if (note.number() <= present.number()) {
            return NoteReply.NOTED;
        }
        boolean follows = note.number() == present.number() + 1 && note.stays() <= present.bytes().length;
        if (note.stays() > 0 && !follows) {
            return NoteReply.BEHIND;
        }
        byte[] bytes = Arrays.copyOf(present.bytes(), note.stays() + note.bytes().length);
        System.arraycopy(note.bytes(), 0, bytes, note.stays(), note.bytes().length);
        job.notes = new Notes(note.number(), bytes);
        return NoteReply.NOTED;
    }

    /** As with notes, the number tells what is repeated or late. Those of an earlier job with the id do not count. */
    boolean report(Report report) {
        if (queue.leases.held(report.token(), report.id()) == null) {
            return false;
        }
        MemoryQueue.Reported last = queue.progress.find(report.id(), queue.now);
        if (last == null || last.job() != report.job() || last.number() < report.number()) {
            MemoryQueue.Reported next = new MemoryQueue.Reported(report.job(), report.number(), report.bytes());
            queue.progress.put(report.id(), next, queue.now, report.ttlMillis());
        }
        return true;
    }

    /** What was reported last. */
    Optional<byte[]> progress(String id) {
        return Optional.ofNullable(queue.progress.find(id, queue.now)).map(MemoryQueue.Reported::bytes);
    }

    private interface Settlement<C> {
        CompletionReply apply(StoredJob job, C run);
    }

    /**
     * Applies each completion whose token holds the job. Under a token that held others when the call came, a job that
     * is missing was settled before, since a job leaves a lease that stands only by being settled. Under a token that
     * held nothing it is stale: somebody else may have the job.
     */
    private <C extends Completion> List<CompletionReply> settle(List<C> runs, Settlement<C> settlement) {
        Set<String> standing = new HashSet<>();
        for (C run : runs) {
            if (queue.leases.find(run.token()) != null) {
                standing.add(run.token());
            }
        }
        List<CompletionReply> replies = new ArrayList<>(runs.size());
        for (C run : runs) {
            StoredJob job = queue.leases.takeOut(run.token(), run.id());
            if (job != null) {
                replies.add(settlement.apply(job, run));
            } else {
                replies.add(standing.contains(run.token()) ? CompletionReply.SETTLED : CompletionReply.STALE);
            }
        }
        return replies;
    }

    private CompletionReply succeed(StoredJob job, Completion.Succeeded run, Set<String> ending) {
        queue.left(job);
        queue.succeeded++;
        Unique unique = job.constraints.unique();
        if (unique == null || unique.scope() != Unique.Scope.WINDOW) {
            queue.letGo(job);
        }
        if (run.result() == null && job.watched) {
            queue.told.put(job.id, true, queue.now, MemoryQueue.TOLD_KEPT_MILLIS);
        }
        if (run.keep() != null) {
            queue.kept.add(
                    job.snapshot().succeeded(queue.now, run.keep().ranMillis()),
                    queue.now + run.keep().millis());
        }
        queue.end(job, JobState.SUCCEEDED);
        queue.workflows.follow(job, run.followers(), ending);
        if (run.result() != null) {
            queue.ended.put(
                    job.id, new MemoryQueue.Ended(JobState.SUCCEEDED, run.result()), queue.now, run.resultTtlMillis());
        }
        return CompletionReply.SETTLED;
    }

    private CompletionReply fail(StoredJob job, Completion.Failed run) {
        return run.match(
                retry -> retry(job, retry), dead -> die(job, dead), cancelled -> cancel(job, CompletionReply.SETTLED));
    }

    private CompletionReply retry(StoredJob job, Completion.Retry run) {
        if (job.cancelRequested) {
            return cancel(job, CompletionReply.CANCELLED);
        }
        job.failures++;
        job.failure = run.failure();
        queue.scheduleAgain(job, queue.now + run.delayMillis());
        return CompletionReply.SETTLED;
    }

    private CompletionReply die(StoredJob job, Completion.Dead run) {
        if (job.cancelRequested) {
            return cancel(job, CompletionReply.CANCELLED);
        }
        queue.left(job);
        job.failures++;
        queue.die(job, run.failure());
        return CompletionReply.SETTLED;
    }

    private CompletionReply cancel(StoredJob job, CompletionReply reply) {
        queue.left(job);
        queue.cancel(job);
        return reply;
    }

    private CompletionReply release(StoredJob job, Completion.Release run, List<StoredJob> first) {
        job.releases++;
        if (job.cancelRequested) {
            return cancel(job, CompletionReply.CANCELLED);
        }
        if (run.delayMillis() > 0) {
            queue.scheduleAgain(job, queue.now + run.delayMillis());
            return CompletionReply.SETTLED;
        }
        queue.left(job);
        first.add(job);
        return CompletionReply.SETTLED;
    }
}
