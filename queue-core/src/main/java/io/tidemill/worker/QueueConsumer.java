package io.tidemill.worker;

import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.ClaimOffer;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobBrief;
import io.tidemill.flow.Post;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.observe.AwaitingRuns;
import io.tidemill.observe.Observers;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One queue of a worker: starts the runs of the jobs that its {@link Claimer} claims, and gives their outcomes to its
 * {@link Completer}.
 *
 * <p>An idle consumer claims when the {@link Fetcher} says that there may be jobs. A busy one needs no fetcher: the
 * request that records how runs ended also claims as many jobs as slots are free by then.
 *
 * <p>Thread-safe. Never blocks; user code and listeners run on the executor.
 */
final class QueueConsumer {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private static final long NO_THREAD_MILLIS = 1000;

    /** What all consumers of a worker share. */
    record Shared(
            Broker broker,
            Clock clock,
            Slots<Claimer> slots,
            LeaseKeeper leases,
            Observers observers,
            Post post,
            Executor executor,
            WorkerOptions options,
            String workerId,
            Runnable changed) {}

    private final String queue;
    private final Shared shared;
    private final Consumer<Run> runner;
    private final Claimer claimer;
    private final RunReporter reporter;
    private final Completer completer;

    /**
     * A consumer that has claimed nothing yet.
     *
     * @param name how the tokens of its claims begin: different from all others
     * @param runner executes a run, on the thread that calls it
     */
    QueueConsumer(String queue, String name, Shared shared, Fetcher fetcher, Consumer<Run> runner) {
        this.queue = queue;
        this.shared = shared;
        this.runner = runner;
        this.claimer = new Claimer(this, name, shared, fetcher);
        this.reporter = new RunReporter(queue, shared.observers(), shared.executor());
        this.completer = new Completer(queue, claimer, shared, fetcher, reporter);
    }

    String queue() {
        return queue;
    }

    /** What decides when this queue is asked for jobs. */
    Claimer claimer() {
        return claimer;
    }

    /** What counts its runs that wait for other jobs. */
    AwaitingRuns awaitingRuns() {
        return shared.observers().awaitingRuns();
    }

    /** Claims into whatever slots are free. */
    void fetch() {
        claimer.fetch();
    }

    /** What it would take of so many jobs that are just being stored; null if it does not wait for any. */
    @Nullable
    ClaimOffer offer(int jobs) {
        return claimer.offer(jobs);
    }

    /** Takes no more jobs. Those that are claimed already are given back unless they have begun. */
    void close() {
        claimer.close();
    }

    /** Whether no request is in flight or waiting to be sent. */
    boolean isIdle() {
        return claimer.isIdle() && completer.isIdle();
    }

    /** Records how a run ended, as soon as a request is free. What is thrown says that it was not taken. */
    void complete(Ended ended) {
        completer.complete(ended);
    }

    /** Sends what waits to be recorded, if an error kept that from being sent. */
    void completeWaiting() {
        completer.sendWaiting();
    }

    /** Starts a run on a thread of its own. */
    void start(Run run) {
        if (run.isIsolated()) {
            log.warn(
                    "job {} on queue {}: its lease has ended {}, so nothing new is started here while it runs",
                    run.jobId(),
                    queue,
                    Texts.count(run.claim().lostLeases(), "time"));
            shared.slots().isolate();
        }
        // Another request may have brought an isolated job meanwhile. Nothing is started beside it: these go back.
        if (!claimer.isOpen()) {
            run.stop(false);
        } else if (!run.isIsolated() && shared.slots().isSomethingAlone()) {
            run.giveBack("beside a job whose lease has ended again and again nothing new is started");
        }
        try {
            shared.executor().execute((ThreadlessClock.BeginsRun) () -> runner.accept(run));
        } catch (Throwable t) {
            log.error("queue {}: no thread for job {}, it goes back: {}", queue, run.jobId(), t.getMessage());
            if (run.end()) {
                Safely.run("giving job " + run.jobId() + " back", () -> giveBack(run));
            }
        }
    }

    /** Runs code of the user's on a thread of its own. Throws if there is none. */
    void execute(Runnable code) {
        shared.executor().execute(code);
    }

    /** No thread could be started for the job, and nothing of it ran: it goes back, for others, after a pause. */
    void giveBack(Run run) {
        Completion.Release back =
                new Completion.Release(run.jobId(), run.claim().token(), NO_THREAD_MILLIS);
        complete(new Ended(run, new Verdict.Released(back, "no thread to run it on"), Duration.ZERO, true));
    }

    /** A claim found these jobs, which had not started in time. */
    void expired(List<JobBrief> late) {
        reporter.reportExpired(late);
    }

    /** An isolated job that has waited for long begins: from now on nothing new is started beside it. */
    void isolateAgain(Run run) {
        if (run.isolateAgain()) {
            shared.slots().isolate();
            if (run.hasEnded() && run.endIsolation()) {
                // It was abandoned meanwhile.
                shared.slots().endIsolation();
            }
        }
    }

    /** An isolated job has run, or waited for its place, for so long that others may be started beside it. */
    void endIsolation(Run run) {
        if (run.endIsolation()) {
            log.info(
                    "job {} of task {} on queue {} takes long: new jobs are started beside it again",
                    run.jobId(),
                    run.task(),
                    queue);
            shared.slots().endIsolation();
            claimer.giveBack(0);
        }
    }
}
