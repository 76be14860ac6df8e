package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Where a job of a group stands when it comes back to those that wait. */
public abstract class GroupPlacesContract extends GroupsContract {

    @Nested
    class GroupPlaces {

        @Test
        void a_delayed_job_goes_to_the_end_of_its_group_when_it_is_due() {
            String later = newId();
            stored(List.of(grouped(later, "a").after(SHORT_MILLIS)));
            List<String> a = readyOf("a", 2);
            letItEnd();
            assertThat(stateOf(later)).isEqualTo(JobState.SCHEDULED);

            assertThat(get(sweeps().promote(queue, 100))).isEqualTo(1);

            assertThat(ids(claim(10))).containsExactly(a.get(0), a.get(1), later);
        }

        @Test
        void a_claim_promotes_a_delayed_job_of_a_group() {
            String later = newId();
            stored(List.of(grouped(later, "a").after(SHORT_MILLIS)));
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(later);
        }

        @Test
        void a_group_keeps_its_turn_though_the_job_that_brought_it_is_late() {
            NewJob late = job(newId()).with(JobConstraints.NONE.withGroup("b").withExpiresInMillis(SHORT_MILLIS / 2));
            String a = newId();
            String b = newId();
            stored(List.of(
                    late.after(SHORT_MILLIS / 2),
                    grouped(a, "a").after(SHORT_MILLIS / 2 + 1),
                    grouped(b, "b").after(SHORT_MILLIS / 2 + 2)));
            letItEnd();

            assertThat(ids(claim(2))).containsExactly(b, a);
        }

        @Test
        void a_retried_job_goes_to_the_end_of_its_group() {
            List<String> a = readyOf("a", 3);
            retry(claimOne(), 0);
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(a.get(1), a.get(2), a.get(0));
        }

        @Test
        void released_jobs_go_to_the_front_of_their_group_in_their_old_order() {
            List<String> a = readyOf("a", 4);
            List<Claim> claims = claim(3).claims();

            get(broker().release(
                            queue,
                            claims.stream()
                                    .map(c -> new Completion.Release(c.id(), c.token(), 0))
                                    .toList()));

            assertThat(ids(claim(10))).isEqualTo(a);
        }

        @Test
        void jobs_of_a_group_that_are_given_back_one_by_one_stand_in_their_old_order() {
            List<String> a = readyOf("a", 4);
            List<Claim> claims = claim(3).claims();

            for (int i : List.of(1, 2, 0)) {
                release(claims.get(i), 0);
            }

            assertThat(ids(claim(10))).isEqualTo(a);
        }

        @Test
        void recovered_jobs_go_to_the_front_of_their_group_one_by_one() {
            List<String> a = readyOf("a", 3);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover().recovered())).containsExactlyElementsOf(a.subList(0, 2));

            assertThat(ids(claim(10))).containsExactly(a.get(0));
            assertThat(ids(claim(10))).containsExactly(a.get(1));
            assertThat(ids(claim(10))).containsExactly(a.get(2));
        }

        @Test
        void a_cancelled_job_of_a_group_never_runs_and_holds_up_nobody() {
            List<String> a = readyOf("a", 3);
            List<String> b = readyOf("b", 1);
            assertThat(get(cancellation().cancel(queue, a.get(0)))).isEqualTo(CancelReply.CANCELLED);
            assertThat(get(cancellation().cancel(queue, b.get(0)))).isEqualTo(CancelReply.CANCELLED);
            assertThat(counts().ready()).isEqualTo(2);

            assertThat(claimedOneByOne()).containsExactly(a.get(1), a.get(2));
        }

        @Test
        void a_dead_job_of_a_group_is_kept() {
            Claim claim = running("a");

            die(claim);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.DEAD);
            assertThat(ids(list(JobState.DEAD))).containsExactly(claim.id());
        }
    }
}
