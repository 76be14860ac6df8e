package io.tidemill.admin;

import io.tidemill.async.Answers;
import io.tidemill.broker.Broker;
import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Counts and cancels the jobs that match a filter. The broker does not read records, so all jobs are looked at, a page
 * at a time, and filtered here. What becomes of a job while its queue is walked through does not matter:
 * {@link io.tidemill.broker.Lists#scan} meets it wherever it is.
 *
 * <p>Thread-safe.
 */
final class Canceller {

    /** Most jobs in a page, and most requests without an answer. */
    private static final int PAGE = 250;

    private final Broker broker;

    Canceller(Broker broker) {
        this.broker = broker;
    }

    Matching count(String queue, JobFilter filter) {
        long[] jobs = new long[2];
        each(
                queue,
                filter,
                () -> {
                    jobs[0] = 0;
                    jobs[1] = 0;
                },
                page -> ask(page, id -> broker.lookUp().find(queue, id, false, null), (id, job) -> {
                    JobState state = job.map(JobSnapshot::state).orElse(JobState.SUCCEEDED);
                    if (!state.isFinal()) {
                        jobs[state == JobState.ACTIVE ? 1 : 0]++;
                    }
                }));
        return new Matching(jobs[0], jobs[1]);
    }

    Matching cancel(String queue, JobFilter filter) {
        // A job that runs may come twice, and is asked to end as often.
        Set<String> running = new HashSet<>();
        long[] cancelled = new long[1];
        each(
                queue,
                filter,
                () -> {},
                page -> ask(page, id -> broker.cancellation().cancel(queue, id), (id, reply) -> {
                    if (reply == CancelReply.CANCELLED) {
                        cancelled[0]++;
                    } else if (reply == CancelReply.REQUESTED) {
                        running.add(id);
                    }
                }));
        return new Matching(cancelled[0], running.size());
    }

    /** Asks about each job of a page at once, and gives the answers. */
    private static <V> void ask(
            List<String> ids, Function<String, CompletableFuture<V>> request, BiConsumer<String, V> answer) {
        List<CompletableFuture<V>> asked = ids.stream().map(request).toList();
        for (int i = 0; i < asked.size(); i++) {
            answer.accept(ids.get(i), Answers.of(asked.get(i), "about job " + ids.get(i)));
        }
    }

    private interface Pages {
        void accept(List<String> ids);
    }

    /** Gives the ids of the jobs that match, page by page; says before when all pages so far come again. */
    private void each(String queue, JobFilter filter, Runnable isAnew, Pages action) {
        Set<String> named = filter.ids();
        if (named != null) {
            List<String> ids = List.copyOf(named);
            for (int from = 0; from < ids.size(); from += PAGE) {
                action.accept(matching(queue, ids.subList(from, Math.min(ids.size(), from + PAGE)), filter));
            }
            return;
        }
        String next = null;
        do {
            JobScan step = Answers.of(broker.lists().scan(queue, next, PAGE), "for jobs of queue " + queue);
            if (step.isAnew()) {
                isAnew.run();
            }
            action.accept(step.jobs().stream()
                    .filter(job -> filter.matches(job.id(), job.body()))
                    .map(JobScan.Stored::id)
                    .distinct()
                    .toList());
            next = step.next();
        } while (next != null);
    }

    private List<String> matching(String queue, List<String> ids, JobFilter filter) {
        List<String> matching = new ArrayList<>();
        ask(ids, id -> broker.lookUp().find(queue, id, false, null), (String id, Optional<JobSnapshot> job) -> {
            byte[] body = job.map(JobSnapshot::body).orElse(null);
            if (body != null && filter.matches(id, body)) {
                matching.add(id);
            }
        });
        return matching;
    }
}
