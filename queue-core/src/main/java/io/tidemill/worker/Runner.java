package io.tidemill.worker;

import io.tidemill.task.WorkerOptions;
import io.tidemill.async.Safely;
import io.tidemill.broker.Completion;
import io.tidemill.broker.ResultBackend;
import io.tidemill.observe.Observers;
import io.tidemill.message.Failure;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.NewerLayoutException;
import io.tidemill.message.PayloadCodec;
import io.tidemill.task.PayloadException;
import io.tidemill.text.Names;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskSignal;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one job, from its bytes to its completion: read, find the task, decode, call the user's method, see how it
 * ended, have it judged, hand it to the lane. Whatever goes wrong on the way becomes an {@link Outcome}; nothing is
 * thrown.
 *
 * <p>Thread-safe; called on a thread of its own for each job.
 */
final class Runner {

    private static final Logger log = LoggerFactory.getLogger(Runner.class);

    /** A result is for reading back, not for storing things: larger ones belong elsewhere. */
    private static final int MAX_RESULT_BYTES = 1 << 20;

    private final Map<String, TaskBinding> bindings;
    private final PayloadCodec codec;
    private final @Nullable ResultBackend results;
    private final List<RunInterceptor> interceptors;
    private final Clock clock;
    private final WorkerOptions options;
    private final Watchdog watchdog;
    private final UnknownTasks strangers = new UnknownTasks();

    Runner(
            Map<String, TaskBinding> bindings,
            PayloadCodec codec,
            @Nullable ResultBackend results,
            Observers observers,
            List<RunInterceptor> interceptors,
            Clock clock,
            WorkerOptions options,
            String name) {
        this.bindings = Map.copyOf(bindings);
        this.codec = codec;
        this.results = results;
        this.interceptors = Stream.concat(
                        Stream.of(new LogContext(), new StartedEvents(observers)), interceptors.stream())
                .toList();
        this.clock = clock;
        this.options = options;
        this.watchdog = new Watchdog(clock, options.interruptTimeout(), this::finish, name);
    }

    Watchdog watchdog() {
        return watchdog;
    }

    /** The whole run. */
    void run(Attempt attempt) {
        long begun = clock.nanos();
        attempt.begin(begun);
        try {
            Outcome outcome;
            try {
                outcome = read(attempt);
            } catch (Throwable t) {
                outcome = new Outcome.Threw(t);
            }
            finish(attempt, outcome, Duration.ofNanos(clock.nanos() - begun));
        } catch (Throwable t) {
            // Not even that could be kept, as on a full heap.
            attempt.strand();
        }
    }

    /** Nobody has this run any more: hands it to the lane, with what is known of how it ended. */
    void rescue(Attempt attempt) {
        Attempt.Stage stage = attempt.stage();
        CompletableFuture<Void> storing = attempt.storing();
        Ended known = attempt.toSettle();
        if (stage == Attempt.Stage.STORING && storing != null) {
            storing.completeExceptionally(
                    new TimeoutException("no answer within " + Texts.duration(options.lease()) + " (lease)"));
        } else if (stage == Attempt.Stage.CLAIMED && attempt.end()) {
            attempt.lane().giveBack(attempt);
        } else if (known != null) {
            attempt.lane().settle(known);
        } else if (attempt.end() || stage == Attempt.Stage.STRANDED) {
            record(
                    attempt,
                    new Outcome.Threw(new IllegalStateException(
                            "the run ended, but an error, as of a full heap, kept this process from recording how")),
                    Duration.ZERO);
        }
    }

    private Outcome read(Attempt attempt) {
        Job job;
        try {
            job = JobCodec.decode(attempt.claim().body());
        } catch (NewerLayoutException e) {
            return notForHere(attempt, String.valueOf(e.getMessage()));
        } catch (PayloadException e) {
            return new Outcome.BadPayload(e);
        }
        attempt.read(job);
        TaskBinding binding = bindings.get(job.task());
        return binding == null ? notForHere(attempt, unknown(job.task())) : decode(attempt, job, binding);
    }

    private Outcome decode(Attempt attempt, Job job, TaskBinding binding) {
        @Nullable Object[] arguments;
        try {
            arguments = codec.decodeArguments(job.payload(), binding.parameterTypes());
        } catch (PayloadException e) {
            return new Outcome.BadPayload(new PayloadException(
                    "the arguments of task \"" + job.task() + "\" cannot be read: " + e.getMessage()
                            + "; it is declared as " + binding.definition().signature(),
                    e));
        }
        return call(attempt, job, binding, arguments);
    }

    private Outcome call(Attempt attempt, Job job, TaskBinding binding, @Nullable Object[] arguments) {
        attempt.whenCancelled(watchdog::cancelled);
        if (!attempt.enter()) {
            return attempt.isCancelled()
                    ? new Outcome.Cancelled("cancelled before it began")
                    : new Outcome.Stopped(attempt.whyStopped());
        }
        Watchdog.Watched watched = null;
        try {
            Duration limit =
                    job.timeout() != null ? job.timeout() : binding.definition().timeout();
            if (limit != null) {
                watched = watchdog.watch(attempt, limit);
            }
            Object value = TaskContext.callWith(
                    attempt, () -> proceed(new TaskInvocation(interceptors, 0, binding, attempt, arguments)));
            return returned(binding.definition(), value);
        } catch (Throwable thrown) {
            return classify(attempt, thrown);
        } finally {
            attempt.leave();
            if (watched != null) {
                watchdog.forget(watched);
            }
        }
    }

    /** A task may throw anything; {@code Callable} lets an exception pass, and an error passes by itself. */
    private static @Nullable Object proceed(TaskInvocation invocation) throws Exception {
        try {
            return invocation.proceed();
        } catch (Exception | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new IllegalStateException("a task threw neither an exception nor an error", thrown);
        }
    }

    private Outcome returned(TaskDefinition task, @Nullable Object value) {
        if (!task.hasResult()) {
            return new Outcome.Returned(null);
        }
        try {
            byte[] result = codec.encodeResult(value, task.resultType());
            if (result.length > MAX_RESULT_BYTES) {
                throw new PayloadException(
                        String.format(
                                "the result is %,d bytes, the limit is %,d; store it elsewhere and return a reference",
                                result.length, MAX_RESULT_BYTES),
                        null);
            }
            return new Outcome.Returned(result);
        } catch (PayloadException e) {
            // The work is done: running it again would do it twice and still have no result. So it ends where it is
            // seen.
            return new Outcome.BadPayload(
                    new PayloadException("task \"" + task.name() + "\" ran to its end, but " + e.getMessage(), e));
        }
    }

    private static Outcome classify(Attempt attempt, Throwable thrown) {
        Duration limit = attempt.timedOut();
        if (limit != null) {
            return new Outcome.TimedOut(limit);
        }
        if (thrown instanceof TaskSignal.Snooze snooze) {
            return new Outcome.Snoozed(snooze.delay());
        }
        if (thrown instanceof TaskSignal.Cancel cancel) {
            return new Outcome.Cancelled(String.valueOf(cancel.getMessage()));
        }
        if (attempt.isCancelled()) {
            return new Outcome.Cancelled("cancelled while it ran");
        }
        return attempt.isStopped() ? new Outcome.Stopped(attempt.whyStopped()) : new Outcome.Threw(thrown);
    }

    /** The run was abandoned by the watchdog; its thread may still be in the user's code. */
    private void finish(Attempt attempt, Outcome outcome) {
        Duration limit = attempt.timedOut();
        finish(attempt, outcome, limit == null ? Duration.ZERO : limit);
    }

    private void finish(Attempt attempt, Outcome outcome, Duration took) {
        if (!attempt.end()) {
            log.info("job {} of task {} returned after it was abandoned; ignored", attempt.jobId(), attempt.task());
            return;
        }
        record(attempt, outcome, took);
    }

    /** Hands what the run came to to the lane. If that throws, the lease keeper sees to it. */
    private void record(Attempt attempt, Outcome outcome, Duration took) {
        try {
            Ended ended = ended(attempt, outcome, took);
            Completion completion = ended.completion();
            if (results != null && completion instanceof Completion.Succeeded done && done.result() != null) {
                storeThenSettle(results, ended, done, done.result());
            } else {
                attempt.lane().settle(ended);
            }
        } catch (Throwable t) {
            attempt.strand();
        }
    }

    /** From here on the run must come to something, or its job and slot are stuck for ever: nothing may be thrown. */
    private Ended ended(Attempt attempt, Outcome outcome, Duration took) {
        try {
            TaskBinding binding = bindings.get(attempt.task());
            Completion completion = Judge.judge(
                    outcome,
                    attempt.claim(),
                    policy(attempt, binding),
                    binding == null ? Duration.ZERO : binding.definition().resultTtl(),
                    options,
                    ThreadLocalRandom.current());
            return new Ended(attempt, completion, why(outcome), took, true);
        } catch (Throwable t) {
            log.error("job {} of task {}: what its run came to cannot be judged", attempt.jobId(), attempt.task(), t);
            String why =
                    "what its run came to cannot be judged: " + t.getClass().getName();
            byte[] failure = JobCodec.encode(Failure.of("NotJudged", why));
            return new Ended(
                    attempt,
                    new Completion.Dead(attempt.jobId(), attempt.claim().token(), failure),
                    why,
                    took,
                    true);
        }
    }

    /**
     * The result goes first: whoever sees the job ended finds it. A backend that does not answer within the lease time
     * is taken for one that failed.
     */
    private void storeThenSettle(ResultBackend backend, Ended ended, Completion.Succeeded done, byte[] result) {
        Attempt attempt = ended.attempt();
        Ended without =
                new Ended(attempt, Completion.Succeeded.of(attempt.claim(), null, 0), ended.why(), ended.took(), true);
        CompletableFuture<Void> stored = Safely.ask(
                        () -> backend.store(attempt.queue(), attempt.jobId(), result, done.resultTtlMillis()))
                .copy();
        attempt.store(stored, clock.nanos());
        stored.whenComplete((nothing, failure) -> {
            if (failure != null) {
                Safely.run(
                        "a log line",
                        () -> log.error(
                                "job {} of task {} is done, but its result could not be stored and is lost: {}",
                                attempt.jobId(),
                                attempt.task(),
                                failure.getMessage()));
            }
            settle(attempt, without);
        });
    }

    private static void settle(Attempt attempt, Ended ended) {
        try {
            attempt.lane().settle(ended);
        } catch (Throwable t) {
            attempt.strand();
        }
    }

    private static RetryPolicy policy(Attempt attempt, @Nullable TaskBinding binding) {
        RetryPolicy declared =
                binding == null ? RetryPolicy.defaults() : binding.definition().retry();
        Integer asked = attempt.maxAttempts();
        return asked == null ? declared : declared.withMaxAttempts(asked);
    }

    private Outcome notForHere(Attempt attempt, String reason) {
        return new Outcome.NotForHere(reason, strangers.meet(attempt.queue(), attempt.jobId()));
    }

    private String unknown(String task) {
        return "task \"" + task + "\" is not registered at this worker"
                + Names.nearest(task, bindings.keySet())
                        .map(near -> " (it has \"" + near + "\")")
                        .orElse("");
    }

    private static String why(Outcome outcome) {
        if (outcome instanceof Outcome.Threw threw) {
            return oneLine(threw.reason());
        }
        if (outcome instanceof Outcome.TimedOut timedOut) {
            return "ran longer than its timeout of " + Texts.duration(timedOut.limit());
        }
        if (outcome instanceof Outcome.Snoozed) {
            return "snoozed";
        }
        if (outcome instanceof Outcome.Cancelled cancelled) {
            return cancelled.reason();
        }
        if (outcome instanceof Outcome.Stopped stopped) {
            return stopped.why();
        }
        if (outcome instanceof Outcome.BadPayload bad) {
            return String.valueOf(bad.reason().getMessage());
        }
        return outcome instanceof Outcome.NotForHere notForHere ? notForHere.reason() : "";
    }

    /** Listeners print this; an exception's text is not trusted to be one line, short, or even there. */
    private static String oneLine(Throwable thrown) {
        Failure failure = Failure.of(thrown);
        String type = failure.type().substring(failure.type().lastIndexOf('.') + 1);
        String message = failure.message().lines().findFirst().orElse("");
        return message.isEmpty() ? type : type + ": " + message;
    }
}
