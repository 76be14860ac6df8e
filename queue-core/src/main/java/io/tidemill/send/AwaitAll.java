package io.tidemill.send;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.Awaited;
import io.tidemill.client.JobHandle;
import io.tidemill.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for several jobs at the same time, and makes an outcome of each.
 *
 * <p>Used by one thread.
 */
final class AwaitAll<R extends @Nullable Object> {

    /** How long states are asked for when the time is over, of all jobs together. */
    private static final long STATE_MILLIS = 100;
    /** Of so many jobs the exception says where they are. */
    private static final int MAX_STATES = 100;

    private final Awaiter awaiter;
    private final List<JobHandle<? extends R>> jobs;
    private final List<CompletableFuture<? extends R>> ends;
    private final Duration timeout;

    AwaitAll(Awaiter awaiter, List<JobHandle<? extends R>> jobs, Duration timeout) {
        this.awaiter = awaiter;
        this.jobs = jobs;
        this.ends = new ArrayList<>(jobs.size());
        this.timeout = timeout;
    }

    /** The outcomes in the order of the jobs. */
    List<Awaited<R>> outcomes() throws InterruptedException {
        long nanos = Durations.check("timeout", timeout).toNanos();
        if (jobs.isEmpty()) {
            return List.of();
        }
        long begun = awaiter.nanos();
        AwaitGuard guard = awaiter.guard();
        boolean isCounted = guard.enter(awaiter, jobs, nanos);
        try {
            for (JobHandle<? extends R> job : jobs) {
                ends.add(end(job));
            }
            await(Math.max(0, nanos - (awaiter.nanos() - begun)));
            return read();
        } finally {
            // Those that have not ended are waited for no longer.
            ends.forEach(end -> end.cancel(false));
            if (isCounted) {
                guard.leave();
            }
        }
    }

    private static <V extends @Nullable Object> CompletableFuture<V> end(JobHandle<V> job) {
        return Safely.ask(job::completion);
    }

    /** Until all have ended, or the time is over. */
    private void await(long nanos) throws InterruptedException {
        try {
            awaiter.get(CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)), nanos);
        } catch (ExecutionException | TimeoutException e) {
            // Each future says it of its job.
        }
    }

    private List<Awaited<R>> read() throws InterruptedException {
        Map<JobHandle<?>, CompletableFuture<Optional<JobSnapshot>>> states = states();
        List<Awaited<R>> all = new ArrayList<>(jobs.size());
        for (int i = 0; i < jobs.size(); i++) {
            JobHandle<? extends R> job = jobs.get(i);
            all.add(ends.get(i).isDone() ? outcome(job, ends.get(i)) : notEnded(job, states.get(job)));
        }
        return Collections.unmodifiableList(all);
    }

    /** Where the jobs are that had not ended in time. All are asked for together. */
    private Map<JobHandle<?>, CompletableFuture<Optional<JobSnapshot>>> states() throws InterruptedException {
        Map<JobHandle<?>, CompletableFuture<Optional<JobSnapshot>>> states = new HashMap<>();
        for (int i = 0; i < jobs.size() && states.size() < MAX_STATES; i++) {
            if (!ends.get(i).isDone()) {
                states.put(
                        jobs.get(i),
                        awaiter.find(jobs.get(i).queue(), jobs.get(i).id()));
            }
        }
        try {
            CompletableFuture.allOf(states.values().toArray(CompletableFuture<?>[]::new))
                    .get(STATE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // Then it is not known where some of them are.
        }
        return states;
    }

    private static <V extends @Nullable Object> Awaited<V> outcome(
            JobHandle<? extends V> job, CompletableFuture<? extends V> end) {
        try {
            return Awaited.succeeded(job, end.join());
        } catch (RuntimeException e) {
            return Awaited.failed(job, Answers.unwrap(e));
        }
    }

    private Awaited<R> notEnded(JobHandle<? extends R> job, @Nullable CompletableFuture<Optional<JobSnapshot>> state)
            throws InterruptedException {
        String where = state == null ? "it goes on, await it again or cancel it" : BrokerJobHandle.describe(state, 0);
        return Awaited.failed(job, new AwaitTimeoutException(job.queue(), job.id(), timeout, where));
    }
}
