package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Note;
import io.tidemill.broker.NoteReply;
import io.tidemill.broker.Notes;
import io.tidemill.broker.ProgressReader;
import io.tidemill.broker.Report;
import io.tidemill.observe.Observers;
import io.tidemill.record.Payloads;
import io.tidemill.record.Progress;
import io.tidemill.record.RunSteps;
import io.tidemill.task.BrokerException;
import io.tidemill.task.Retention;
import io.tidemill.text.LogNames;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what runs have done so far, and keeps what they say of their progress, at the broker, under the lease that
 * they have.
 *
 * <p>Thread-safe.
 */
record Noting(Broker broker, Observers observers, Payloads payloads, Watchdog watchdog, Clock clock) {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    /** The steps of a run, in front of what its claim brought. */
    RunSteps stepsOf(NotedRun run) {
        broker.require(Ability.NOTES);
        Notes notes = run.claim().notes();
        RunSteps.Owner owner = new RunSteps.Owner(run.queue(), run.task(), run.jobId());
        return new RunSteps(payloads, owner, notes.number(), notes.bytes(), new Lines(run));
    }

    /**
     * The progress of a run, behind what earlier runs of its job have said.
     *
     * @param job when the job was created, ms since 1970
     */
    RunProgress progressOf(Run run, long job) {
        broker.require(Ability.PROGRESS);
        Progress before = run.attempt() == 1 ? Progress.none(job) : earlier(run, job);
        return new RunProgress(run.jobId(), before.inRun(run.attempt()), new ToBroker(run), Retention.DEFAULT.age());
    }

    private Progress earlier(Run run, long job) {
        try {
            return ProgressReader.read(broker, run.queue(), run.jobId())
                    .thenApply(stored -> stored.map(bytes -> Progress.read(bytes, payloads, run.queue(), run.jobId())))
                    .join()
                    .filter(known -> known.job() == job)
                    .orElse(Progress.none(job));
        } catch (CompletionException e) {
            log.debug("what earlier runs of job {} have said is not known: {}", run.jobId(), Answers.message(e));
            return Progress.none(job);
        }
    }

    private final class ToBroker implements RunProgress.Reports {

        private final Run run;

        ToBroker(Run run) {
            this.run = run;
        }

        @Override
        public CompletableFuture<Boolean> send(Progress progress, Duration kept) {
            Report report = new Report(
                    run.jobId(),
                    run.claim().token(),
                    progress.job(),
                    progress.number(),
                    kept.toMillis(),
                    progress.bytes(payloads, run.queue(), run.task(), run.jobId()));
            return observers.ask(
                    "report", run.queue(), 1, () -> broker.progress().report(run.queue(), report));
        }

        @Override
        public void later(long nanos, Runnable action) {
            watchdog.later(run, Duration.ofNanos(nanos), action);
        }

        @Override
        public long nanos() {
            return clock.nanos();
        }
    }

    private final class Lines implements RunSteps.Journal {

        private final NotedRun run;

        Lines(NotedRun run) {
            this.run = run;
        }

        @Override
        public int maxBytes() {
            return Notes.MAX_BYTES;
        }

        @Override
        public void check() {
            if (!run.isLeaseValid()) {
                throw lost();
            }
        }

        /** Not to be interrupted: what was done is to be recorded, and the broker answers in bounded time. */
        @Override
        public boolean write(long number, int stays, byte[] bytes) {
            Note note = new Note(run.jobId(), run.claim().token(), number, stays, bytes);
            CompletableFuture<NoteReply> answer =
                    observers.ask("note", run.queue(), 1, () -> broker.notes().note(run.queue(), note));
            try {
                NoteReply reply = answer.join();
                if (reply == NoteReply.STALE) {
                    throw lost();
                }
                return reply == NoteReply.NOTED;
            } catch (CompletionException e) {
                throw Answers.unwrap(e);
            }
        }

        private BrokerException lost() {
            return new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "nothing more is recorded of job " + run.jobId()
                            + " by this run: its lease has ended, and another worker may be running the job",
                    null);
        }
    }
}
