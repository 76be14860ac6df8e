package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.flow.StepRun;
import io.tidemill.message.Failure;
import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadSeal;
import io.tidemill.plan.StepValue;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.NewerLayoutException;
import io.tidemill.record.NewerVersionException;
import io.tidemill.record.NotForHereException;
import io.tidemill.record.Payloads;
import io.tidemill.record.SealFailedException;
import io.tidemill.task.BrokerException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.LogNames;
import io.tidemill.text.Names;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes one run: reads the job, finds its task, reads the arguments, calls the user's method through the
 * interceptors, and gives the {@link Outcome} to the {@link Finisher}. Whatever goes wrong on the way becomes an
 * outcome; nothing is thrown. Long, because it is the whole way of a run in its order.
 *
 * <p>The run of an async task goes on without a thread when the method has returned its stage. It ends when the stage
 * does. A run of a batch task waits for others, and goes on as an async one: its stage is its item in the batch.
 *
 * <p>Thread-safe; called on a thread of its own for each job.
 */
final class Runner {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private final Map<String, TaskBinding> bindings;
    private final Payloads payloads;
    private final ArgumentReader arguments;
    private final List<RunInterceptor> interceptors;
    private final Finisher finisher;
    private final Watchdog watchdog;
    private final StepRuns steps;
    private final Clock clock;
    private final int maxResultBytes;
    private final LeftForOthers leftForOthers = new LeftForOthers();
    /** Of each batch task, by each of its names. */
    private final Map<String, Gatherer> gatherers;

    /**
     * A runner of these tasks.
     *
     * @param bindings the tasks, by name
     * @param gatherers makes what collects the runs of a batch task
     * @param interceptors run around each execution, the first is the outermost
     * @param steps what is done for steps of workflows
     * @param maxResultBytes of a larger result the job is dead
     */
    Runner(
            Map<String, TaskBinding> bindings,
            Payloads payloads,
            List<RunInterceptor> interceptors,
            Finisher finisher,
            Watchdog watchdog,
            StepRuns steps,
            Clock clock,
            int maxResultBytes,
            BiFunction<TaskBinding, Gatherer.Ways, Gatherer> gatherers) {
        this.bindings = bindings;
        this.payloads = payloads;
        this.arguments = new ArgumentReader(payloads);
        this.interceptors = List.copyOf(interceptors);
        this.finisher = finisher;
        this.watchdog = watchdog;
        this.steps = steps;
        this.clock = clock;
        this.maxResultBytes = maxResultBytes;
        this.gatherers = gatherers(bindings, gatherers);
    }

    private Map<String, Gatherer> gatherers(
            Map<String, TaskBinding> all, BiFunction<TaskBinding, Gatherer.Ways, Gatherer> make) {
        Map<TaskBinding, Gatherer> byTask = new HashMap<>();
        Map<String, Gatherer> byName = new HashMap<>();
        all.forEach((name, binding) -> {
            if (binding.definition().batch() != null) {
                byName.put(name, byTask.computeIfAbsent(binding, task -> make.apply(task, new Together())));
            }
        });
        return byName;
    }

    /** The whole run. */
    void run(Run run) {
        run.begin(clock.nanos());
        try {
            @Nullable Outcome outcome;
            try {
                outcome = execute(run);
            } catch (Throwable t) {
                outcome = Outcome.of(t);
            }
            if (outcome != null) {
                finish(run, outcome);
            }
        } catch (Throwable t) {
            // Not even the outcome could be kept, as on a full heap.
            run.drop();
        }
    }

    private void finish(Run run, Outcome outcome) {
        Duration took = run.ran(clock.nanos());
        if (!run.hasEnded()) {
            Safely.run("the last progress", () -> run.endProgress(() -> finisher.progressKept(run, outcome)));
        }
        finisher.finish(run, outcome, took);
    }

    /** How the run ended; null if it goes on in a stage. */
    private @Nullable Outcome execute(Run run) {
        try {
            Job job = JobCodec.decode(run.claim().body());
            run.read(job, clock.millis());
            List<StepValue> values = List.of();
            if (job.section() != null) {
                StepRun opened = steps.open(job, run);
                values = steps.values(opened, run);
                Outcome decided = steps.withoutCode(opened, values, run);
                if (decided != null) {
                    return decided;
                }
                values = StepRuns.plain(values);
            }
            TaskBinding binding = bindings.get(job.task());
            if (binding == null) {
                return notForHere(run, "UnknownTask", unknown(job.task()));
            }
            StepRun step = run.step();
            if (step != null && step.isMap()) {
                return steps.expand(step, values, binding.parameterTypes().get(0), run);
            }
            @Nullable Object[] given = arguments.read(run, job, values, binding);
            Duration limit = withinDeadline(run, job.timeout() != null ? job.timeout() : binding.timeout());
            if (limit != null && limit.isZero()) {
                return tooLate();
            }
            Gatherer gatherer = gatherers.isEmpty() ? null : gatherers.get(job.task());
            if (gatherer != null) {
                return gatherer.add(run, given, limit) ? null : notBegun(run);
            }
            Semaphore places = binding.places();
            return places == null ? call(run, binding, given, limit) : callInPlace(places, run, binding, given, limit);
        } catch (NewerLayoutException e) {
            return notForHere(run, "NewerLayout", String.valueOf(e.getMessage()));
        } catch (NewerVersionException e) {
            return notForHere(run, "NewerVersion", String.valueOf(e.getMessage()));
        } catch (MissingKeyException e) {
            return notForHere(run, "MissingKey", Failure.of(e).line());
        } catch (PayloadException e) {
            return new Outcome.BadPayload(e);
        } catch (BrokerException e) {
            // What code of the task throws does not come here.
            return run.isCancelled() || run.isStopped() ? notBegun(run) : new Outcome.Unanswered(e);
        }
    }

    /**
     * How long a run may take from now on; zero if its deadline has passed, null if it has no limit.
     *
     * @param limit its timeout, null for none
     */
    private @Nullable Duration withinDeadline(Run run, @Nullable Duration limit) {
        long deadline = run.deadlineMillis();
        if (deadline == 0) {
            return limit;
        }
        Duration left = Duration.ofMillis(Math.max(0, deadline - clock.millis()));
        return limit == null || left.compareTo(limit) < 0 ? left : limit;
    }

    /** Waits until the task has a place for one more run. Neither its duration nor its timeout includes that. */
    private @Nullable Outcome callInPlace(
            Semaphore places, Run run, TaskBinding binding, @Nullable Object[] arguments, @Nullable Duration limit) {
        if (!run.awaitPlace(places)) {
            return notBegun(run);
        }
        boolean goesOn = false;
        try {
            run.begin(clock.nanos());
            run.waitedUntil(clock.millis());
            Outcome outcome = call(run, binding, arguments, limit);
            goesOn = outcome == null;
            return outcome;
        } finally {
            if (!goesOn) {
                run.leavePlace();
            }
        }
    }

    private static Outcome tooLate() {
        return new Outcome.GaveUp(
                new TimeoutException("the deadline that the job inherited had passed before this run"));
    }

    private static Outcome notBegun(Run run) {
        return run.isCancelled()
                ? new Outcome.Cancelled("cancelled before it began")
                : new Outcome.Stopped(run.whyStopped());
    }

    /**
     * Calls the user's method. What it throws, a {@link PayloadException} too, becomes an outcome in here.
     *
     * @param timeout its limit; the deadline of the job may have come nearer since
     */
    private @Nullable Outcome call(
            Run run, TaskBinding binding, @Nullable Object[] arguments, @Nullable Duration timeout) {
        Duration limit = withinDeadline(run, timeout);
        if (limit != null && limit.isZero()) {
            return tooLate();
        }
        run.whenCancelled(watchdog::cancelled);
        if (!run.enter()) {
            return notBegun(run);
        }
        // Not before: of a run that has ended, nobody would end the isolation.
        run.consumer().isolateAgain(run);
        TaskDefinition task = binding.definition();
        Watchdog.Watched watched = null;
        CompletionStage<?> stage = null;
        try {
            if (limit != null) {
                run.limitTo(limit, clock);
                watched = watchdog.watch(run, limit);
            }
            TaskInvocation invocation = new TaskInvocation(interceptors, 0, binding, run, arguments);
            Object value = TaskContext.callWith(run, proceed(invocation));
            stage = task.isAsync() ? StageWaits.pending(value) : null;
            if (stage == null) {
                return returned(run, task, task.isAsync() ? StageWaits.valueOf(value) : value);
            }
            run.goesOnAtLeastIn(stage);
        } catch (Throwable thrown) {
            return ended(run, thrown);
        } finally {
            run.leave();
            if (stage == null) {
                forget(watched);
            }
        }
        return goOn(run, task, stage, watched);
    }

    private void forget(Watchdog.@Nullable Watched watched) {
        if (watched != null) {
            watchdog.forget(watched);
        }
    }

    /**
     * The run goes on without a thread until the stage ends. Whoever completes the stage may be a thread of the
     * network, so the rest is done on a thread of ours.
     *
     * @return null, or how the run ended if the stage cannot be waited for
     */
    private @Nullable Outcome goOn(
            Run run, TaskDefinition task, CompletionStage<?> stage, Watchdog.@Nullable Watched watched) {
        try {
            stage.whenComplete((value, thrown) -> {
                try {
                    run.consumer().execute(() -> stageEnded(run, task, value, thrown, watched));
                } catch (Throwable t) {
                    dropUnlessEnded(run);
                }
            });
            return null;
        } catch (Throwable thrown) {
            forget(watched);
            return ended(run, thrown);
        }
    }

    private void stageEnded(
            Run run,
            TaskDefinition task,
            @Nullable Object value,
            @Nullable Throwable thrown,
            Watchdog.@Nullable Watched watched) {
        try {
            Outcome outcome = outcome(run, task, value, thrown);
            forget(watched);
            run.leavePlace();
            finish(run, outcome);
        } catch (Throwable t) {
            dropUnlessEnded(run);
        }
    }

    private Outcome outcome(Run run, TaskDefinition task, @Nullable Object value, @Nullable Throwable thrown) {
        if (thrown != null) {
            return ended(run, Answers.unwrapped(thrown));
        }
        try {
            return returned(run, task, value);
        } catch (Throwable t) {
            return ended(run, t);
        }
    }

    /** One that was abandoned is the completer's. */
    private static void dropUnlessEnded(Run run) {
        // First, whatever happens then: without its place no other run of the task begins.
        run.leavePlace();
        if (!run.hasEnded()) {
            run.drop();
        }
    }

    /** What the gatherers do with their runs. */
    private final class Together implements Gatherer.Ways {

        /**
         * Runs begin one after the other, each through its interceptors. Then the method runs once, for all of them.
         */
        @Override
        public void begin(TaskBinding binding, List<Gatherer.Waiting> runs) {
            try {
                BatchRun batch = new BatchRun(binding);
                runs.forEach(waiting -> join(waiting, binding, batch));
                batch.execute();
            } catch (Throwable t) {
                // There is no other thread that would end them.
                runs.forEach(waiting -> dropUnlessEnded(waiting.run()));
            }
        }

        private void join(Gatherer.Waiting waiting, TaskBinding binding, BatchRun batch) {
            Run run = waiting.run();
            try {
                run.begin(clock.nanos());
                run.waitedUntil(clock.millis());
                TaskBinding joining = binding.runBy(values -> batch.join(run, values[0]));
                Outcome outcome = call(run, joining, waiting.arguments(), waiting.limit());
                if (outcome != null) {
                    // An interceptor ended it, or it must not begin any more.
                    boolean hadJoined = batch.leave(run);
                    finisher.finish(
                            run,
                            hadJoined && outcome instanceof Outcome.Returned ? withoutItsStage() : outcome,
                            run.ran(clock.nanos()));
                }
            } catch (Throwable t) {
                dropUnlessEnded(run);
                batch.leave(run);
            }
        }

        /** As a success, nobody would do it. */
        private static Outcome withoutItsStage() {
            return Outcome.of(new IllegalStateException("an interceptor of runs did not return the stage that proceed()"
                    + " gave it, so the item was not in its batch"));
        }

        @Override
        public void notBegun(Run run) {
            finisher.finish(run, Runner.notBegun(run), Duration.ZERO);
        }

        @Override
        public void giveBack(Run run) {
            if (run.end()) {
                run.leavePlace();
                run.consumer().giveBack(run);
            }
        }
    }

    /** A task may throw anything; {@code Callable} lets an exception pass, and an error passes by itself. */
    private static Callable<@Nullable Object> proceed(TaskInvocation invocation) {
        return () -> {
            try {
                return invocation.proceed();
            } catch (Exception | Error thrown) {
                throw thrown;
            } catch (Throwable thrown) {
                throw new IllegalStateException("a task threw neither an exception nor an error", thrown);
            }
        };
    }

    private Outcome returned(Run run, TaskDefinition task, @Nullable Object value) {
        try {
            if (!task.hasResult()) {
                return new Outcome.Returned(null, steps.followers(run, StepValue.Empty.NOTHING));
            }
            byte[] result = payloads.codec().encodeResult(value, task.resultType());
            if (result.length > maxResultBytes) {
                throw new PayloadException(
                        String.format(
                                "the result is %,d bytes, the limit is %,d (maxResultBytes); store it elsewhere and"
                                        + " return a reference",
                                result.length, maxResultBytes),
                        null);
            }
            return new Outcome.Returned(
                    payloads.seal(PayloadSeal.Kind.RESULT, result, run.queue(), run.task(), run.jobId()),
                    steps.followers(run, new StepValue.Written(result)));
        } catch (PayloadException | SealFailedException e) {
            // The work is done. Another run would do it twice and still have no result, so the job is dead at once.
            return new Outcome.BadPayload(
                    new PayloadException("task \"" + run.task() + "\" ran to its end, but " + e.getMessage(), e));
        }
    }

    private Outcome ended(Run run, Throwable thrown) {
        Duration limit = run.timedOut();
        if (limit != null) {
            return new Outcome.TimedOut(limit);
        }
        if (thrown instanceof NotForHereException recorded) {
            return notForHere(run, recorded.type(), String.valueOf(recorded.getMessage()));
        }
        Outcome said = Outcome.of(thrown);
        boolean hasFailed = said instanceof Outcome.Failed;
        if (hasFailed && run.isCancelled()) {
            return new Outcome.Cancelled("cancelled while it ran");
        }
        return hasFailed && run.isStopped() ? new Outcome.Stopped(run.whyStopped()) : said;
    }

    /** Each reason is a warning once. With many such jobs, one for each of them would be a flood. */
    private Outcome notForHere(Run run, String type, String reason) {
        if (leftForOthers.isNew(reason)) {
            log.warn(
                    "job {} of task {} on queue {} cannot run in this process and is left for others, as any other for"
                            + " the same reason: {}",
                    run.jobId(),
                    run.task(),
                    run.queue(),
                    reason);
        }
        return new Outcome.NotForHere(type, reason, leftForOthers.count(run.queue(), run.jobId()));
    }

    private String unknown(String task) {
        return "task \"" + task + "\" is not registered at this worker"
                + Names.nearest(task, bindings.keySet())
                        .map(near -> " (it has \"" + near + "\")")
                        .orElse("");
    }
}
