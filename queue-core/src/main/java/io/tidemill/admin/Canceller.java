package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Counts and cancels the jobs that match a filter. The broker does not read records, so jobs are listed a page at a
 * time, filtered here, and then named by id.
 *
 * <p>A queue goes on while it is walked through. Each state is walked through from its end to its front: what is
 * claimed at the front moves the others to pages that are still to come. A job that goes on to another state is met
 * there, as the states stand in the order in which a job has them. Only one that is tried again goes back, so a walk
 * that cancelled something is followed by another, {@value #MOST_WALKS} at most.
 *
 * <p>Thread-safe.
 */
final class Canceller {

    /** Most jobs in a page, and most requests without an answer. */
    private static final int PAGE = 250;

    private static final int MOST_WALKS = 10;

    /** So many thousands of places without a job are the end of a line. */
    private static final int MOST_EMPTY = 10;

    private static final List<JobState> STATES = List.of(JobState.SCHEDULED, JobState.READY, JobState.ACTIVE);

    private final Broker broker;

    Canceller(Broker broker) {
        this.broker = broker;
    }

    Matching count(String queue, JobFilter filter) {
        long[] jobs = new long[2];
        each(queue, filter, page -> page.forEach(job -> jobs[job.state() == JobState.ACTIVE ? 1 : 0]++));
        return new Matching(jobs[0], jobs[1]);
    }

    Matching cancel(String queue, JobFilter filter) {
        // Those that run are still listed until they have ended.
        Set<String> asked = new HashSet<>();
        long[] cancelled = new long[1];
        long before;
        int walks = 0;
        do {
            before = cancelled[0] + asked.size();
            each(queue, filter, page -> cancelled[0] += cancel(queue, page, asked));
        } while (cancelled[0] + asked.size() > before && ++walks < MOST_WALKS);
        return new Matching(cancelled[0], asked.size());
    }

    /** Returns how many have ended by it; those that run join the ones that were asked to. */
    private long cancel(String queue, List<JobSnapshot> page, Set<String> asked) {
        List<String> ids = page.stream()
                .map(JobSnapshot::id)
                .filter(id -> !asked.contains(id))
                .toList();
        List<CompletableFuture<CancelReply>> replies =
                ids.stream().map(id -> broker.cancellation().cancel(queue, id)).toList();
        long cancelled = 0;
        for (int i = 0; i < ids.size(); i++) {
            CancelReply reply = Answers.of(replies.get(i), "to cancel jobs of queue " + queue);
            if (reply == CancelReply.CANCELLED) {
                cancelled++;
            } else if (reply == CancelReply.REQUESTED) {
                asked.add(ids.get(i));
            }
        }
        return cancelled;
    }

    /** Gives the jobs that match, page by page. */
    private void each(String queue, JobFilter filter, Consumer<List<JobSnapshot>> action) {
        Set<String> ids = filter.ids();
        if (ids != null) {
            eachOf(queue, List.copyOf(ids), filter, action);
            return;
        }
        for (JobState state : STATES) {
            for (int offset = (end(queue, state) - 1) / PAGE * PAGE; offset >= 0; offset -= PAGE) {
                action.accept(list(queue, state, offset, PAGE).stream()
                        .filter(filter::matches)
                        .toList());
            }
        }
    }

    private void eachOf(String queue, List<String> ids, JobFilter filter, Consumer<List<JobSnapshot>> action) {
        for (int from = 0; from < ids.size(); from += PAGE) {
            List<CompletableFuture<Optional<Inspection>>> asked =
                    ids.subList(from, Math.min(ids.size(), from + PAGE)).stream()
                            .map(id -> broker.operations().inspect(queue, id))
                            .toList();
            List<JobSnapshot> found = new ArrayList<>();
            for (CompletableFuture<Optional<Inspection>> each : asked) {
                Answers.of(each, "for jobs of queue " + queue)
                        .map(Inspection::job)
                        .filter(job -> STATES.contains(job.state()) && filter.matches(job))
                        .ifPresent(found::add);
            }
            action.accept(found);
        }
    }

    /** How many places a state has. Jobs that ended while they were ready may keep theirs until a claim comes there. */
    private int end(String queue, JobState state) {
        QueueCounts counts = Answers.of(broker.lists().counts(queue), "for the counts of queue " + queue);
        if (state != JobState.READY) {
            return bounded(state == JobState.ACTIVE ? counts.active() : counts.scheduled());
        }
        int end = bounded(counts.ready());
        boolean mayHaveGaps = counts.cancelled() + counts.expired() + counts.removed() > 0;
        for (int empty = 0; mayHaveGaps && empty < MOST_EMPTY; end += Broker.MAX_BATCH) {
            empty = list(queue, state, end, Broker.MAX_BATCH).isEmpty() ? empty + 1 : 0;
        }
        return end;
    }

    private static int bounded(long places) {
        return (int) Math.min(places, Integer.MAX_VALUE / 2);
    }

    private List<JobSnapshot> list(String queue, JobState state, int offset, int limit) {
        return Answers.of(broker.lists().list(queue, state, offset, limit), "for jobs of queue " + queue);
    }
}
