package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.Note;
import io.tidemill.broker.NoteReply;
import io.tidemill.broker.Notes;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. What runs note for the later runs of their job. */
public abstract class NotesContract extends LeaseContract {

    private NoteReply note(Claim claim, long number, int stays, byte[] bytes) {
        need(Ability.NOTES);
        return get(broker().notes().note(queue, new Note(claim.id(), claim.token(), number, stays, bytes)));
    }

    private void noted(Claim claim, long number, int stays, String text) {
        assertThat(note(claim, number, stays, bytes(text))).isEqualTo(NoteReply.NOTED);
    }

    private static void assertNotes(Claim claim, long number, String text) {
        assertThat(claim.notes().number()).isEqualTo(number);
        assertThat(claim.notes().bytes()).isEqualTo(bytes(text));
    }

    @Nested
    class RunsNote {

        @Test
        void a_job_of_which_nothing_was_noted_has_no_notes() {
            assertNotes(running(), 0, "");
        }

        @Test
        void the_next_run_gets_what_the_last_one_noted() {
            Claim first = running();
            noted(first, 1, 0, "one");
            noted(first, 2, 3, ", two");
            noted(first, 3, 5, "TWO");
            retry(first, 0);

            Claim second = claimOne();

            assertThat(second.id()).isEqualTo(first.id());
            assertThat(second.body()).isEqualTo(first.body());
            assertNotes(second, 3, "one, TWO");
        }

        @Test
        void a_note_with_a_number_that_was_written_changes_nothing() {
            Claim first = running();
            noted(first, 1, 0, "one");
            noted(first, 2, 3, ", two");

            noted(first, 1, 0, "one");
            noted(first, 2, 3, ", two");
            noted(first, 2, 0, "else");

            release(first, 0);
            assertNotes(claimOne(), 2, "one, two");
        }

        @Test
        void a_note_that_does_not_follow_the_last_one_is_behind_and_is_written_as_a_whole() {
            Claim first = running();
            noted(first, 1, 0, "one");

            assertThat(note(first, 3, 3, bytes(", three"))).isEqualTo(NoteReply.BEHIND);
            assertThat(note(first, 2, 4, bytes("beyond"))).isEqualTo(NoteReply.BEHIND);
            noted(first, 3, 0, "one, two, three");

            release(first, 0);
            assertNotes(claimOne(), 3, "one, two, three");
        }

        @Test
        void a_note_under_a_token_that_does_not_hold_the_job_changes_nothing() {
            Claim lost = running(SHORT_MILLIS);
            noted(lost, 1, 0, "one");
            letItEnd();
            recover();

            assertThat(note(lost, 2, 0, bytes("late"))).isEqualTo(NoteReply.STALE);
            Claim next = claimOne();
            assertThat(note(lost, 2, 0, bytes("late"))).isEqualTo(NoteReply.STALE);

            assertNotes(next, 1, "one");
            noted(next, 2, 3, ", two");
            complete(next);
            assertThat(note(next, 3, 0, bytes("late"))).isEqualTo(NoteReply.STALE);
        }

        @Test
        void a_lease_whose_time_is_over_notes_until_somebody_recovers_its_job() {
            Claim first = running(SHORT_MILLIS);
            letItEnd();

            noted(first, 1, 0, "one");

            recover();
            assertNotes(claimOne(), 1, "one");
        }

        @Test
        void a_redriven_job_still_has_its_notes() {
            Claim first = running();
            noted(first, 1, 0, "one");
            die(first);
            assertThat(get(operations().redrive(queue, List.of(new Redrive(first.id(), 0)))))
                    .containsExactly(RedriveReply.REDRIVEN);

            Claim second = claimOne();

            assertNotes(second, 1, "one");
            noted(second, 2, 3, ", two");
        }

        @Test
        void notes_change_nothing_else_of_a_job_and_keep_every_byte() {
            JobConstraints constraints = new JobConstraints(Unique.untilDone("key " + newId()), "a group", 0);
            String id = stored(List.of(job(newId(), 7).with(constraints))).get(0);
            retry(claimOne(), 0);
            JobSnapshot before = found(id);
            Claim claim = claimOne();
            assertThat(note(claim, 1, 0, everyByte())).isEqualTo(NoteReply.NOTED);
            assertThat(note(claim, 2, 256, everyByte())).isEqualTo(NoteReply.NOTED);

            JobSnapshot active = found(id);
            die(claim);
            JobSnapshot dead = found(id);

            assertThat(active.body()).isEqualTo(before.body());
            assertThat(active.failure()).isEqualTo(FAILURE);
            assertThat(active.failures()).isOne();
            assertThat(active.priority()).isEqualTo(7);
            assertThat(active.constraints()).isEqualTo(before.constraints());
            assertThat(dead.body()).isEqualTo(before.body());
            assertThat(dead.failure()).isEqualTo(FAILURE);
            assertThat(dead.failures()).isEqualTo(2);
            assertThat(dead.constraints()).isEqualTo(before.constraints());
            get(operations().redrive(queue, List.of(new Redrive(id, 0))));
            byte[] notes = claimOne().notes().bytes();
            assertThat(notes).hasSize(512).startsWith(everyByte()).endsWith(everyByte());
        }

        @Test
        void a_job_with_notes_releases_its_key_when_it_succeeds() {
            JobConstraints constraints = new JobConstraints(Unique.untilDone("key " + newId()), null, 0);
            stored(List.of(job(newId()).with(constraints)));
            Claim first = claimOne();
            noted(first, 1, 0, "one");
            retry(first, 0);

            assertThat(complete(claimOne())).isEqualTo(SETTLED);

            stored(List.of(job(newId()).with(constraints)));
        }

        @Test
        void a_kept_job_is_the_same_with_notes_as_without() {
            need(Ability.KEEPING);
            JobConstraints constraints = new JobConstraints(null, "a group", 0);
            String id = stored(List.of(job(newId()).with(constraints))).get(0);
            retry(claimOne(), 0);
            Claim claim = claimOne();
            noted(claim, 1, 0, "one");
            complete(succeeded(claim).keeping(new Completion.Keep(LONG_MILLIS, 10, 0)));

            JobSnapshot kept = found(id);

            assertThat(kept.state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(kept.body()).isEqualTo(claim.body());
            assertThat(kept.failure()).isEqualTo(FAILURE);
            assertThat(kept.constraints().group()).isEqualTo("a group");
        }

        @Test
        void notes_end_with_their_job() {
            Claim first = running();
            noted(first, 1, 0, "one");
            complete(first);
            Claim second = running();
            noted(second, 1, 0, "two");
            retry(second, LONG_MILLIS);
            assertThat(get(cancellation().cancel(queue, second.id()))).isEqualTo(CancelReply.CANCELLED);

            stored(List.of(job(first.id())));
            assertNotes(claimOne(), 0, "");
        }

        @Test
        void the_longest_notes_come_with_the_claim() {
            Claim first = running();
            byte[] longest = new byte[Notes.MAX_BYTES];
            longest[0] = 1;
            longest[longest.length - 1] = 2;
            assertThat(note(first, 1, 0, longest)).isEqualTo(NoteReply.NOTED);
            String other = readyOne();
            release(first, 0);

            List<Claim> claims = claim(2).claims();

            assertThat(claims.get(0).notes().bytes()).isEqualTo(longest);
            assertThat(claims).extracting(Claim::id).containsExactly(first.id(), other);
        }
    }
}
