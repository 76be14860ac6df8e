package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.message.Failure;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.task.Retention;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a run from its outcome to its completion: has the outcome judged, stores the result in the result backend if
 * there is one, and gives the rest to the run's consumer. The first outcome of a run counts; a later one, as of a run
 * that was abandoned, is logged and ignored.
 *
 * <p>Thread-safe. Throws nothing: a run that cannot be given on is dropped, and the lease keeper has it
 * {@link #finishDropped finished} later.
 */
final class Finisher {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private static final Duration LEAST_PROGRESS_KEPT = Duration.ofHours(1);

    private final Map<String, TaskBinding> bindings;
    private final Payloads payloads;
    private final @Nullable ResultWriter results;
    private final WorkerOptions options;
    private final Clock clock;

    /**
     * A finisher.
     *
     * @param bindings the tasks, by name
     * @param results where results are kept; null for beside the jobs
     */
    Finisher(
            Map<String, TaskBinding> bindings,
            Payloads payloads,
            @Nullable ResultBackend results,
            WorkerOptions options,
            Clock clock) {
        this.bindings = bindings;
        this.payloads = payloads;
        this.results = results == null ? null : new ResultWriter(results, options.lease());
        this.options = options;
        this.clock = clock;
    }

    /** The watchdog has abandoned the run; its thread may still be in the user's code. */
    void abandon(Run run, Outcome outcome) {
        Duration limit = run.timedOut();
        finish(run, outcome, limit == null ? Duration.ZERO : limit);
    }

    /** The run has ended. */
    void finish(Run run, Outcome outcome, Duration took) {
        if (run.end()) {
            // The thread of an abandoned run may never return.
            run.leavePlace();
            complete(run, outcome, took);
        } else {
            log.info("job {} of task {} returned after it was abandoned; ignored", run.jobId(), run.task());
        }
    }

    /**
     * How long its progress is kept: of a job that has succeeded as long as its result or the job, of any other as long
     * as dead jobs are by default.
     */
    Duration progressKept(Run run, Outcome outcome) {
        TaskBinding binding = bindings.get(run.task());
        if (!(outcome instanceof Outcome.Returned) || binding == null) {
            return Retention.DEFAULT.age();
        }
        Completion.Keep keep = keep(run, binding, Duration.ZERO);
        long millis = Math.max(
                LEAST_PROGRESS_KEPT.toMillis(),
                Math.max(
                        binding.definition().hasResult()
                                ? binding.definition().resultTtl().toMillis()
                                : 0,
                        keep == null ? 0 : keep.millis()));
        return Duration.ofMillis(millis);
    }

    /** No part of the worker has this run any more: it ends, with what is known of its outcome. */
    void finishDropped(Run run) {
        Run.Stage stage = run.stage();
        CompletableFuture<?> storing = run.storing();
        Ended known = run.toRecord();
        if (stage == Run.Stage.STORING && storing != null) {
            storing.completeExceptionally(
                    new TimeoutException("no answer within " + Texts.duration(options.lease()) + " (lease)"));
        } else if (stage == Run.Stage.CLAIMED && run.end()) {
            run.consumer().giveBack(run);
        } else if (known != null) {
            run.consumer().complete(known);
        } else if (run.end() || stage == Run.Stage.DROPPED) {
            complete(
                    run,
                    new Outcome.Threw(new IllegalStateException(
                            "the run ended, but an error, as of a full heap, kept this process from recording how")),
                    Duration.ZERO);
        }
    }

    private void complete(Run run, Outcome outcome, Duration took) {
        try {
            Ended ended = judged(run, outcome, took);
            Completion.Succeeded done = ended.verdict().withResult();
            if (results != null && done != null && done.result() != null) {
                storeThenComplete(results, ended, done, done.result());
            } else {
                run.consumer().complete(ended);
            }
        } catch (Throwable t) {
            run.drop();
        }
    }

    /** An error in here must not leave the run without a completion, or its job and slot would be held for ever. */
    private Ended judged(Run run, Outcome outcome, Duration took) {
        try {
            TaskBinding binding = bindings.get(run.task());
            Duration resultTtl =
                    binding == null ? Duration.ZERO : binding.definition().resultTtl();
            Judge judge = new Judge(
                    run.claim(),
                    policy(run, binding),
                    run.age(clock.millis()),
                    resultTtl,
                    keep(run, binding, took),
                    options,
                    random(),
                    failure -> payloads.failure(failure, run.queue(), run.task(), run.jobId()));
            return new Ended(run, outcome.judgedBy(judge), took, true);
        } catch (Throwable t) {
            log.error("job {} of task {}: its outcome cannot be judged", run.jobId(), run.task(), t);
            Failure failure = Failure.of(
                    "NotJudged", "its outcome cannot be judged: " + t.getClass().getName());
            Completion.Dead dead = new Completion.Dead(run.jobId(), run.claim().token(), JobCodec.encode(failure));
            return new Ended(run, new Verdict.Died(dead, failure, t), took, true);
        }
    }

    private RandomGenerator random() {
        return clock instanceof ThreadlessClock threadless ? threadless.random() : ThreadLocalRandom.current();
    }

    /** As its task says, or else its queue. The number that a queue keeps has a limit in any case. */
    private Completion.@Nullable Keep keep(Run run, @Nullable TaskBinding binding, Duration took) {
        Retention ofQueue = options.keep(run.queue());
        Duration ofTask = binding == null ? null : binding.definition().keep();
        if (ofQueue == null && ofTask == null) {
            return null;
        }
        Retention kept = ofQueue == null ? Retention.DEFAULT : ofQueue;
        Duration age = ofTask == null ? kept.age() : ofTask;
        return new Completion.Keep(age.toMillis(), kept.newest(), took.toMillis());
    }

    private static RetryPolicy policy(Run run, @Nullable TaskBinding binding) {
        RetryPolicy declared =
                binding == null ? RetryPolicy.defaults() : binding.definition().retry();
        return run.policy(declared);
    }

    /**
     * The result goes first: whoever sees that the job has ended finds it. A backend that does not answer within the
     * lease time counts as one that failed.
     */
    private void storeThenComplete(ResultWriter writer, Ended ended, Completion.Succeeded done, byte[] result) {
        Run run = ended.run();
        Ended kept = new Ended(run, new Verdict.Succeeded(done.withoutResult(), false), ended.took(), true);
        Ended lost = new Ended(run, new Verdict.Succeeded(done.withoutResult(), true), ended.took(), true);
        JobOutcome outcome = JobOutcome.succeeded(run.jobId(), run.attempt(), result, done.resultTtlMillis());
        CompletableFuture<Boolean> stored = writer.store(run.queue(), outcome);
        run.store(stored, clock.nanos());
        stored.whenComplete((nothing, failure) -> {
            if (failure != null) {
                Safely.run(
                        "a log line",
                        () -> log.error(
                                "job {} of task {} is done, but its result could not be stored and is lost: {}",
                                run.jobId(),
                                run.task(),
                                Answers.message(failure)));
            }
            completeOrDrop(run, failure == null ? kept : lost);
        });
    }

    private static void completeOrDrop(Run run, Ended ended) {
        try {
            run.consumer().complete(ended);
        } catch (Throwable t) {
            run.drop();
        }
    }
}
