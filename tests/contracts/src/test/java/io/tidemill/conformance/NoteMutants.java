package io.tidemill.conformance;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Note;
import io.tidemill.broker.NoteReply;
import io.tidemill.broker.NoteStore;
import io.tidemill.broker.Notes;
import io.tidemill.broker.ProgressStore;
import io.tidemill.broker.Report;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** {@link Mutants} that keep the notes of runs, or what they report, wrongly. */
final class NoteMutants {

    private NoteMutants() {}

    static List<Mutants.Mutant> all() {
        return List.of(
                new Mutants.Mutant(
                        "notes are kept whoever holds the job",
                        NotesBesideTheJob::new,
                        "a_note_under_a_token_that_does_not_hold_the_job_changes_nothing"),
                new Mutants.Mutant(
                        "notes stay when their job has ended", NotesBesideTheJob::new, "notes_end_with_their_job"),
                new Mutants.Mutant(
                        "a note that comes late is written",
                        LateNoteWritten::new,
                        "a_note_with_a_number_that_was_written_changes_nothing"),
                new Mutants.Mutant(
                        "reports are kept whoever holds the job",
                        EveryReportKept::new,
                        "a_report_under_a_token_that_does_not_hold_the_job_changes_nothing"),
                new Mutants.Mutant(
                        "a report that comes late is kept",
                        EveryReportKept::new,
                        "a_report_whose_number_is_not_higher_changes_nothing"));
    }

    /** Keeps the notes beside the jobs, by id: neither the lease nor the end of the job matters. */
    static final class NotesBesideTheJob extends DelegatingBroker {

        private final Map<String, Notes> notes = new ConcurrentHashMap<>();

        NotesBesideTheJob(Broker broker) {
            super(broker);
        }

        @Override
        public NoteStore notes() {
            return (queue, note) -> {
                notes.put(note.id(), new Notes(note.number(), note.bytes()));
                return CompletableFuture.completedFuture(NoteReply.NOTED);
            };
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String queue, ClaimRequest request) {
            ClaimReply reply = super.claim(queue, request).join();
            return Mutants.done(new ClaimReply(
                    reply.claims().stream().map(this::withNotes).toList(), reply.moreInMillis(), reply.expired()));
        }

        private Claim withNotes(Claim claim) {
            return new Claim(
                    claim.id(),
                    claim.token(),
                    claim.body(),
                    claim.priority(),
                    claim.failures(),
                    claim.lostLeases(),
                    claim.releases(),
                    claim.receipt(),
                    notes.getOrDefault(claim.id(), Notes.NONE));
        }
    }

    /** Takes each note for a new one, so that one that comes late replaces a newer one. */
    static final class LateNoteWritten extends DelegatingBroker {

        private long numbers;

        LateNoteWritten(Broker broker) {
            super(broker);
        }

        @Override
        public NoteStore notes() {
            NoteStore right = super.notes();
            return (queue, note) -> right.note(queue, new Note(note.id(), note.token(), ++numbers, 0, note.bytes()));
        }
    }

    /** Keeps each report, whoever sends it and in whatever order. */
    static final class EveryReportKept extends DelegatingBroker {

        private final Map<String, byte[]> reports = new ConcurrentHashMap<>();

        EveryReportKept(Broker broker) {
            super(broker);
        }

        @Override
        public ProgressStore progress() {
            return new ProgressStore() {
                @Override
                public CompletableFuture<Boolean> report(String queue, Report report) {
                    reports.put(report.id(), report.bytes());
                    return CompletableFuture.completedFuture(true);
                }

                @Override
                public CompletableFuture<Optional<byte[]>> progress(String queue, String id) {
                    return CompletableFuture.completedFuture(Optional.ofNullable(reports.get(id)));
                }
            };
        }
    }
}
