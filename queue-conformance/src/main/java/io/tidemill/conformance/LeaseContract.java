package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.broker.CompletionReply.STALE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Leases that are given back or extended. */
public abstract class LeaseContract extends CompletionContract {

    @Nested
    class Release {

        @Test
        void a_released_job_is_ready_and_no_failure_is_counted() {
            Claim claim = running();

            assertThat(release(claim, 0)).isEqualTo(SETTLED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.READY);
            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(claim.id());
            assertThat(second.failures() + second.lostLeases()).isZero();
            assertThat(second.releases()).isEqualTo(1);
            assertThat(second.attempt()).isEqualTo(2);
            assertThat(claim.claimedAtMillis()).isPositive();
            assertThat(second.claimedAtMillis()).isGreaterThanOrEqualTo(claim.claimedAtMillis());
        }

        @Test
        void a_job_given_back_twice_in_one_call_is_settled_and_under_another_token_stale() {
            Claim claim = running();
            Completion.Release release = new Completion.Release(claim.id(), claim.token(), 0);
            Completion.Release stale = new Completion.Release(claim.id(), newId(), 0);

            List<CompletionReply> replies = get(broker().release(queue, List.of(release, release, stale)));

            assertThat(replies).containsExactly(SETTLED, SETTLED, STALE);
            assertThat(found(claim.id()).releases()).isEqualTo(1);
        }

        @Test
        void released_jobs_go_to_the_front_in_their_old_order() {
            List<String> ids = ready(5);
            List<Claim> claims = claim(3).claims();

            get(broker().release(
                            queue,
                            claims.stream()
                                    .map(claim -> new Completion.Release(claim.id(), claim.token(), 0))
                                    .toList()));

            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void jobs_that_are_given_back_one_by_one_stand_in_their_old_order_whichever_came_first() {
            List<String> ids = ready(10);
            List<Claim> claims = claim(8).claims();
            cancelled(claims.get(5));

            for (int i : List.of(3, 1, 2, 7, 0, 4, 6)) {
                release(claims.get(i), 0);
            }

            List<String> left = new ArrayList<>(ids);
            left.remove(5);
            assertThat(ids(list(JobState.READY))).isEqualTo(left);
            assertThat(ids(claim(10))).isEqualTo(left);
        }

        private void cancelled(Claim claim) {
            assertThat(fail(new Completion.Cancelled(claim.id(), claim.token())))
                    .isEqualTo(SETTLED);
        }

        @Test
        void a_job_that_is_given_back_goes_before_those_that_never_ran_and_behind_older_ones_that_were_lost() {
            List<String> ids = ready(5);
            claim(newId(), 1, SHORT_MILLIS);
            Claim second = claimOne();
            Claim third = claimOne();
            letItEnd();
            release(third, 0);
            recover();
            assertThat(get(cancellation().cancel(queue, third.id()))).isEqualTo(CancelReply.CANCELLED);

            release(second, 0);

            assertThat(ids(list(JobState.READY))).containsExactly(ids.get(0), ids.get(1), ids.get(3), ids.get(4));
        }

        @Test
        void a_job_released_with_a_delay_is_scheduled() {
            Claim claim = running();

            release(claim, LONG_MILLIS);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SCHEDULED);
            assertThat(found(claim.id()).releases()).isEqualTo(1);
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_job_released_with_a_delay_comes_back_after_it() {
            Claim claim = running();

            release(claim, SHORT_MILLIS);
            letItEnd();

            assertThat(claimOne().id()).isEqualTo(claim.id());
        }

        @Test
        void a_stale_token_releases_nothing() {
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            recover();
            Claim holder = claimOne();

            assertThat(release(stale, 0)).isEqualTo(STALE);

            assertThat(stateOf(stale.id())).isEqualTo(JobState.ACTIVE);
            assertThat(found(stale.id()).releases()).isZero();
            assertThat(release(holder, 0)).isEqualTo(SETTLED);
        }

        @Test
        void releasing_again_under_a_token_that_stands_counts_once() {
            ready(2);
            List<Claim> claims = claim(2).claims();
            release(claims.get(0), 0);

            assertThat(release(claims.get(0), 0)).isEqualTo(SETTLED);

            assertThat(found(claims.get(0).id()).releases()).isEqualTo(1);
            assertThat(counts().ready()).isEqualTo(1);
        }

        @Test
        void a_released_job_keeps_its_last_failure() {
            Claim claim = running();
            retry(claim, 0);

            release(claimOne(), 0);

            assertThat(found(claim.id()).failure()).isEqualTo(FAILURE);
            assertThat(found(claim.id()).failures()).isEqualTo(1);
        }
    }

    @Nested
    class Extend {

        @Test
        void an_extended_lease_lasts_longer() {
            Claim claim = running(SHORT_MILLIS);

            assertThat(extend(claim.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ALIVE);

            letItEnd();
            assertThat(named(recover().recovered())).isEmpty();
            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
        }

        @Test
        void a_lease_is_never_shortened() {
            Claim claim = running(LONG_MILLIS);

            assertThat(extend(claim.token(), 1)).isEqualTo(ExtendReply.ALIVE);

            letItEnd();
            assertThat(named(recover().recovered())).isEmpty();
            assertThat(complete(claim)).isEqualTo(SETTLED);
        }

        @Test
        void an_extended_lease_ends_after_its_new_time() {
            Claim claim = running(1);
            extend(claim.token(), SHORT_MILLIS);

            letItEnd();

            assertThat(named(recover().recovered())).containsExactly(claim.id());
        }

        @Test
        void a_lease_past_its_time_stands_until_somebody_recovers_it() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            assertThat(extend(claim.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ALIVE);

            assertThat(named(recover().recovered())).isEmpty();
        }

        @Test
        void a_recovered_lease_has_ended() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(extend(claim.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.READY);
        }

        @Test
        void a_lease_without_jobs_has_ended() {
            Claim completed = running();
            complete(completed);
            Claim failed = running();
            die(failed);
            Claim released = running();
            release(released, LONG_MILLIS);

            assertThat(extend(completed.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);
            assertThat(extend(failed.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);
            assertThat(extend(released.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);
        }

        @Test
        void replies_come_one_per_token_in_the_same_order() {
            Claim first = running();
            Claim second = running();
            get(cancellation().cancel(queue, second.id()));

            List<ExtendReply> replies =
                    get(leases().extend(queue, List.of(second.token(), newId(), first.token()), LONG_MILLIS));

            assertThat(replies)
                    .containsExactly(new ExtendReply(true, Set.of(second.id())), ExtendReply.ENDED, ExtendReply.ALIVE);
        }

        private ExtendReply extend(String token, long millis) {
            return get(leases().extend(queue, List.of(token), millis)).get(0);
        }
    }
}
