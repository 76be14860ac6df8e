package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. What the slow work does: due jobs, ended leases. */
public abstract class SweepsContract extends ControlContract {

    @Nested
    class Promote {

        @Test
        void due_jobs_are_moved_earliest_first_and_counted() {
            List<String> ids = delayed(5, SHORT_MILLIS);
            letItEnd();

            assertThat(promote(3)).isEqualTo(3);
            assertThat(ids(list(JobState.READY))).isEqualTo(ids.subList(0, 3));
            assertThat(counts()).isEqualTo(counted(3, 2, 0, 0, 5, 0, 0));

            assertThat(promote(3)).isEqualTo(2);
            assertThat(promote(3)).isZero();
            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void jobs_that_are_not_due_stay() {
            String id = delayed(1, LONG_MILLIS).get(0);

            assertThat(promote(100)).isZero();

            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
        }

        @Test
        void a_thousand_are_moved_in_one_call() {
            delayed(Broker.MAX_BATCH, SHORT_MILLIS);
            letItEnd();

            assertThat(promote(Broker.MAX_BATCH)).isEqualTo(Broker.MAX_BATCH);
            assertThat(counts().ready()).isEqualTo(Broker.MAX_BATCH);
        }

        private int promote(int limit) {
            return get(sweeps().promote(queue, limit));
        }
    }

    @Nested
    class SurveyOfQueues {

        @Test
        void an_unknown_queue_has_nothing_to_do_and_does_not_come_to_be() {
            assertThat(get(sweeps().survey(List.of(queue, queue + "-other"))))
                    .containsExactly(Survey.NOTHING, Survey.NOTHING);
            assertThat(get(operations().queues())).doesNotContain(queue, queue + "-other");
        }

        @Test
        void ready_jobs_are_seen_in_every_line() {
            stored(List.of(job(newId(), 9)));
            assertThat(survey()).isEqualTo(new Survey(true, false, false));
            claim(10);
            assertThat(survey()).as("what runs is no work").isEqualTo(Survey.NOTHING);

            readyOne();
            assertThat(survey()).isEqualTo(new Survey(true, false, false));
            claim(10);

            stored(List.of(job(newId()).with(JobConstraints.NONE.withGroup("group"))));
            assertThat(survey()).isEqualTo(new Survey(true, false, false));
        }

        @Test
        void a_paused_queue_has_no_job_that_a_claim_may_bring() {
            readyOne();
            get(operations().pause(queue));

            assertThat(survey()).isEqualTo(Survey.NOTHING);
        }

        @Test
        void a_delayed_job_is_due_when_its_time_has_come() {
            delayed(1, LONG_MILLIS);
            assertThat(survey()).isEqualTo(Survey.NOTHING);

            delayed(1, SHORT_MILLIS);
            letItEnd();

            assertThat(survey()).isEqualTo(new Survey(false, true, false));
        }

        @Test
        void a_lease_that_has_ended_is_due() {
            running(SHORT_MILLIS);
            letItEnd();

            assertThat(survey()).isEqualTo(new Survey(false, true, false));
        }

        @Test
        void a_job_that_has_expired_is_due() {
            stored(List.of(
                    job(newId()).after(LONG_MILLIS).with(JobConstraints.NONE.withExpiresInMillis(SHORT_MILLIS))));
            letItEnd();

            assertThat(survey()).isEqualTo(new Survey(false, true, false));
        }

        @Test
        void dead_jobs_are_seen() {
            die(running());

            assertThat(survey()).isEqualTo(new Survey(false, false, true));
        }

        @Test
        void each_of_many_queues_is_answered_in_its_place() {
            String other = queue + "-other";
            readyOne();
            List<String> asked = new ArrayList<>(Collections.nCopies(Sweeps.MAX_SURVEY, other));
            asked.set(17, queue);

            List<Survey> answers = get(sweeps().survey(asked));

            assertThat(answers).hasSize(Sweeps.MAX_SURVEY);
            assertThat(answers.get(17).ready()).isTrue();
            assertThat(answers.stream().filter(Survey.NOTHING::equals)).hasSize(Sweeps.MAX_SURVEY - 1);
            asked.add(other);
            assertThatThrownBy(() -> sweeps().survey(asked)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> sweeps().survey(List.of())).isInstanceOf(IllegalArgumentException.class);
        }

        private Survey survey() {
            return get(sweeps().survey(List.of(queue))).get(0);
        }
    }

    @Nested
    class Recover {

        @Test
        void a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            RecoverReply reply = recover();
            assertThat(named(reply.recovered())).containsExactly(claim.id());
            assertThat(reply.dead()).isEmpty();
            assertThat(reply.more()).isFalse();

            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(claim.id());
            assertThat(second.body()).isEqualTo(claim.body());
            assertThat(second.lostLeases()).isEqualTo(1);
            assertThat(second.failures() + second.releases()).isZero();
            assertThat(second.attempt()).isEqualTo(2);
        }

        @Test
        void recovering_again_changes_nothing() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(recover()).isEqualTo(new RecoverReply(List.of(), List.of()));

            assertThat(found(claim.id()).lostLeases()).isEqualTo(1);
        }

        @Test
        void recover_says_whether_more_leases_have_ended_until_all_jobs_are_back() {
            ready(600);
            ready(600);
            assertThat(claim("first", 600, SHORT_MILLIS).claims()).hasSize(600);
            assertThat(claim("second", 600, SHORT_MILLIS).claims()).hasSize(600);
            letItEnd();

            int back = 0;
            RecoverReply reply;
            do {
                reply = recover();
                back += reply.recovered().size();
            } while (reply.more());

            assertThat(back).isEqualTo(1200);
        }

        @Test
        void recovered_jobs_go_to_the_front_in_their_old_order() {
            List<String> ids = ready(6);
            claim(newId(), 3, SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover().recovered())).containsExactlyInAnyOrderElementsOf(ids.subList(0, 3));

            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }

        @Test
        void jobs_of_several_leases_keep_their_old_order_too() {
            List<String> ids = ready(6);
            claim(newId(), 2, SHORT_MILLIS / 2);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }

        @Test
        void jobs_recovered_in_one_call_go_back_in_the_order_of_their_ids() {
            List<String> ids = newIds(4);
            stored(List.of(job(ids.get(3)), job(ids.get(1)), job(ids.get(2)), job(ids.get(0))));
            claim(newId(), 2, SHORT_MILLIS);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover().recovered())).isEqualTo(ids);

            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }

        @Test
        void a_recovered_job_is_claimed_alone() {
            List<String> ids = ready(3);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();
            recover();
            String high = stored(List.of(job(newId(), 9))).get(0);

            assertThat(ids(claim(10))).as("the batch ends before it").containsExactly(high);
            assertThat(ids(claim(10))).containsExactly(ids.get(0));
            assertThat(ids(claim(10))).containsExactly(ids.get(1));
            assertThat(ids(claim(10))).containsExactly(ids.get(2));
        }

        @Test
        void a_job_stays_suspect_after_a_release_or_a_retry() {
            List<String> ids = ready(2);
            claim(newId(), 1, SHORT_MILLIS);
            letItEnd();
            recover();
            release(claimOne(), 0);

            assertThat(ids(claim(10))).containsExactly(ids.get(0));
        }

        @Test
        void a_job_whose_leases_ended_too_often_is_dead() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();
            recover(2);
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover(2);
            claimOne(SHORT_MILLIS);
            letItEnd();

            RecoverReply reply = recover(2);
            assertThat(reply.recovered()).isEmpty();
            assertThat(named(reply.dead())).containsExactly(claim.id());
            assertThat(reply.more()).isFalse();

            JobSnapshot job = found(claim.id());
            assertThat(job.state()).isEqualTo(JobState.DEAD);
            assertThat(job.lostLeases()).isEqualTo(3);
            assertThat(job.failures()).isZero();
            assertThat(job.failure()).isEqualTo(bytes("its lease ended too often"));
            assertThat(job.body()).isEqualTo(claim.body());
            assertThat(job.timeMillis()).isPositive();
        }

        @Test
        void a_page_that_cannot_be_is_refused_with_its_range() {
            need(Ability.LISTS);

            assertThatThrownBy(() -> get(lists().list(queue, JobState.READY, -1, 10)))
                    .hasMessageContaining("an offset of 0 or more, got READY and -1");
            assertThatThrownBy(() -> get(lists().list(queue, JobState.READY, 0, -1)))
                    .hasMessageContaining("limit must be 1 to 1000, got -1");
            assertThatThrownBy(() -> get(lists().list(queue, JobState.CANCELLED, 0, 1)))
                    .hasMessageContaining("list takes")
                    .hasMessageContaining("got CANCELLED");
        }

        @Test
        void those_that_come_back_and_those_that_die_are_told_with_their_counts_and_the_beginning_of_their_records() {
            String id = newId();
            byte[] body = bytes("x".repeat(JobBrief.MOST) + "y");
            stored(List.of(NewJob.now(id, body, 4)));
            retry(claimOne(), 0);
            release(claimOne(), 0);
            claimOne(SHORT_MILLIS);
            letItEnd();

            JobBrief back = recover().recovered().get(0);
            claimOne(SHORT_MILLIS);
            letItEnd();
            JobBrief dead = recover(1).dead().get(0);

            assertBrief(back, id, Arrays.copyOf(body, JobBrief.MOST), 1, 1, 1);
            assertBrief(dead, id, Arrays.copyOf(body, JobBrief.MOST), 1, 2, 1);
            assertThat(dead.attempt()).as("four runs").isEqualTo(4);
        }

        @Test
        void the_beginning_of_a_short_record_is_all_of_it_and_nothing_of_the_failure_kept_beside_it() {
            Claim claim = running(LONG_MILLIS);
            retry(claim, 0);
            claimOne(SHORT_MILLIS);
            letItEnd();

            assertBrief(recover().recovered().get(0), claim.id(), claim.body(), 1, 1, 0);
        }

        @Test
        void with_no_lost_lease_allowed_the_first_one_kills() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover(0).dead())).containsExactly(claim.id());
        }

        @Test
        void no_more_leases_are_looked_at_than_said() {
            Claim first = running(SHORT_MILLIS / 2);
            running(SHORT_MILLIS);
            letItEnd();

            RecoverReply reply = get(sweeps().recover(queue, 1, 3, FAILURE));

            assertThat(named(reply.recovered())).containsExactly(first.id());
            assertThat(named(recover().recovered())).hasSize(1);
        }

        @Test
        void what_was_settled_under_a_lease_is_not_recovered() {
            List<String> ids = ready(4);
            List<Claim> claims = claim(newId(), 4, SHORT_MILLIS).claims();
            complete(claims.get(0));
            retry(claims.get(1), LONG_MILLIS);
            die(claims.get(2));
            letItEnd();

            assertThat(named(recover().recovered())).containsExactly(ids.get(3));
            assertThat(counts()).isEqualTo(counted(1, 1, 0, 1, 4, 1, 0));
        }

        @Test
        void a_lease_of_a_thousand_jobs_is_recovered() {
            List<String> ids = ready(Broker.MAX_BATCH);
            claim(newId(), Broker.MAX_BATCH, SHORT_MILLIS);
            letItEnd();

            List<String> recovered = new ArrayList<>();
            for (List<String> some = named(recover().recovered());
                    !some.isEmpty();
                    some = named(recover().recovered())) {
                recovered.addAll(some);
            }

            assertThat(recovered).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }
    }
}
