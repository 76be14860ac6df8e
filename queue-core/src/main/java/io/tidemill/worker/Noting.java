package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Note;
import io.tidemill.broker.NoteReply;
import io.tidemill.broker.Notes;
import io.tidemill.observe.Observers;
import io.tidemill.record.Payloads;
import io.tidemill.record.RunSteps;
import io.tidemill.task.BrokerException;
import io.tidemill.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Records what runs have done so far, at the broker, under the lease that they have.
 *
 * <p>Thread-safe.
 */
record Noting(Broker broker, Observers observers, Payloads payloads, Clock clock) {

    /** The steps of a run, in front of what its claim brought. */
    RunSteps stepsOf(NotedRun run) {
        broker.require(Ability.NOTES);
        Notes notes = run.claim().notes();
        RunSteps.Owner owner = new RunSteps.Owner(run.queue(), run.task(), run.jobId());
        return new RunSteps(payloads, owner, notes.number(), notes.bytes(), new Lines(run));
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
