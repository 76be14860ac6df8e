package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.broker.CompletionReply.STALE;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.RecoverReply;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. How runs are recorded, and how leases live on meanwhile. */
public abstract class CompletionContract extends ClaimContract {

    @Nested
    class Complete {

        @Test
        void a_completed_job_is_gone_and_counted() {
            Claim claim = running();

            assertThat(complete(claim)).isEqualTo(SETTLED);

            assertThat(find(claim.id())).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_result_is_kept() {
            Claim claim = running();

            complete(new Completion.Succeeded(claim.id(), claim.token(), everyByte(), LONG_MILLIS));

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
            assertThat(found(claim.id()).result()).isEqualTo(everyByte());
        }

        @Test
        void an_empty_result_is_a_result() {
            Claim claim = running();

            complete(new Completion.Succeeded(claim.id(), claim.token(), new byte[0], LONG_MILLIS));

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
            assertThat(found(claim.id()).result()).isEmpty();
        }

        @Test
        void a_result_is_forgotten_after_its_time() {
            Claim claim = running();
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), SHORT_MILLIS));

            letItEnd();

            assertThat(find(claim.id())).isEmpty();
        }

        @Test
        void completing_again_under_a_token_that_stands_is_settled_and_counts_once() {
            ready(2);
            List<Claim> claims = claim(2).claims();
            complete(claims.get(0));

            assertThat(complete(claims.get(0))).isEqualTo(SETTLED);

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 1, 0, 2, 1, 0));
        }

        @Test
        void a_token_that_holds_nothing_any_more_settles_nothing() {
            Claim claim = running();
            complete(claim);

            assertThat(complete(claim)).isEqualTo(STALE);

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_token_that_never_was_is_stale_and_changes_nothing() {
            Claim claim = running();

            assertThat(complete(new Completion.Succeeded(claim.id(), newId(), bytes("42"), LONG_MILLIS)))
                    .isEqualTo(STALE);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
            assertThat(complete(claim)).isEqualTo(SETTLED);
        }

        @Test
        void a_stale_token_after_a_recovery_changes_nothing() {
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            assertThat(named(recover().recovered())).containsExactly(stale.id());

            assertThat(complete(stale)).isEqualTo(STALE);
            assertThat(stateOf(stale.id())).isEqualTo(JobState.READY);

            Claim holder = claimOne();
            assertThat(complete(stale)).isEqualTo(STALE);
            assertThat(stateOf(stale.id())).isEqualTo(JobState.ACTIVE);
            assertThat(complete(holder)).isEqualTo(SETTLED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void the_holder_may_complete_after_its_lease_ended_while_nobody_recovered_it() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            assertThat(complete(claim)).isEqualTo(SETTLED);

            assertThat(recover()).isEqualTo(new RecoverReply(List.of(), List.of()));
        }

        @Test
        void replies_come_one_per_completion_in_the_same_order() {
            Claim mine = running();
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            recover();
            Claim other = running2nd(stale);

            CompleteReply reply =
                    get(broker().complete(queue, List.of(succeeded(stale), succeeded(mine), succeeded(other)), null));

            assertThat(reply.settled()).containsExactly(STALE, SETTLED, SETTLED);
            assertThat(reply.claimed()).isNull();
        }

        private Claim running2nd(Claim first) {
            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(first.id());
            return second;
        }

        @Test
        void the_next_jobs_are_claimed_in_the_same_step() {
            Claim claim = running();
            List<String> next = ready(3);

            CompleteReply reply =
                    get(broker().complete(queue, List.of(succeeded(claim)), request(newId(), 2, LONG_MILLIS)));

            assertThat(reply.settled()).containsExactly(SETTLED);
            assertThat(ids(Objects.requireNonNull(reply.claimed()))).isEqualTo(next.subList(0, 2));
            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 2, 0, 4, 1, 0));
        }

        @Test
        void completing_nothing_may_claim() {
            String id = readyOne();

            CompleteReply reply = get(broker().complete(queue, List.of(), request(newId(), 2, LONG_MILLIS)));

            assertThat(reply.settled()).isEmpty();
            assertThat(ids(Objects.requireNonNull(reply.claimed()))).containsExactly(id);
        }

        @Test
        void a_thousand_completions_fit_in_one_call() {
            ready(Broker.MAX_BATCH);
            List<Claim> claims = claim(Broker.MAX_BATCH).claims();

            CompleteReply reply = get(broker().complete(
                            queue, claims.stream().map(BrokerHarness::succeeded).toList(), null));

            assertThat(reply.settled()).hasSize(Broker.MAX_BATCH).containsOnly(SETTLED);
            assertThat(counts().succeeded()).isEqualTo(Broker.MAX_BATCH);
        }
    }

    @Nested
    class Fail {

        @Test
        void a_retried_job_is_scheduled_and_one_failure_is_counted() {
            Claim claim = running();

            assertThat(retry(claim, LONG_MILLIS)).isEqualTo(SETTLED);

            JobSnapshot job = found(claim.id());
            assertThat(job.state()).isEqualTo(JobState.SCHEDULED);
            assertThat(job.failures()).isEqualTo(1);
            assertThat(job.lostLeases() + job.releases()).isZero();
            assertThat(job.failure()).isEqualTo(FAILURE);
            assertThat(job.body()).isEqualTo(claim.body());
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_retry_without_a_delay_is_claimable_at_once() {
            Claim claim = running();

            retry(claim, 0);

            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(claim.id());
            assertThat(second.failures()).isEqualTo(1);
            assertThat(second.attempt()).isEqualTo(2);
            assertThat(second.body()).isEqualTo(claim.body());
        }

        @Test
        void failures_add_up_and_the_last_one_is_kept() {
            String id = readyOne();
            for (int i = 1; i <= 12; i++) {
                Claim claim = claimOne();
                assertThat(claim.failures()).isEqualTo(i - 1);
                fail(new Completion.Retry(id, claim.token(), 0, bytes("failure " + i)));
            }

            assertThat(found(id).failures()).isEqualTo(12);
            assertThat(found(id).failure()).isEqualTo(bytes("failure 12"));
        }

        @Test
        void a_dead_job_is_kept_with_its_body_and_failure() {
            Claim claim = running();

            assertThat(die(claim)).isEqualTo(SETTLED);

            JobSnapshot job = found(claim.id());
            assertThat(job.state()).isEqualTo(JobState.DEAD);
            assertThat(job.failures()).isEqualTo(1);
            assertThat(job.failure()).isEqualTo(FAILURE);
            assertThat(job.body()).isEqualTo(claim.body());
            assertThat(job.timeMillis()).isPositive();
            assertThat(claim(10).claims()).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 1, 1, 0, 0));
        }

        @Test
        void a_failure_of_any_bytes_is_kept() {
            Claim claim = running();

            fail(new Completion.Dead(claim.id(), claim.token(), everyByte()));

            assertThat(found(claim.id()).failure()).isEqualTo(everyByte());
        }

        @Test
        void a_run_may_end_as_cancelled() {
            Claim claim = running();

            assertThat(fail(new Completion.Cancelled(claim.id(), claim.token())))
                    .isEqualTo(SETTLED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.CANCELLED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 0, 1));
        }

        @Test
        void a_stale_token_fails_nothing() {
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(retry(stale, 0)).isEqualTo(STALE);
            assertThat(die(stale)).isEqualTo(STALE);
            assertThat(fail(new Completion.Cancelled(stale.id(), stale.token())))
                    .isEqualTo(STALE);

            JobSnapshot job = found(stale.id());
            assertThat(job.state()).isEqualTo(JobState.READY);
            assertThat(job.failures()).isZero();
        }

        @Test
        void failing_again_under_a_token_that_stands_counts_once() {
            ready(3);
            List<Claim> claims = claim(3).claims();
            retry(claims.get(0), LONG_MILLIS);
            die(claims.get(1));

            assertThat(retry(claims.get(0), LONG_MILLIS)).isEqualTo(SETTLED);
            assertThat(die(claims.get(1))).isEqualTo(SETTLED);

            assertThat(found(claims.get(0).id()).failures()).isEqualTo(1);
            assertThat(found(claims.get(1).id()).failures()).isEqualTo(1);
        }

        @Test
        void a_job_said_twice_in_one_call_is_settled_and_under_another_token_stale() {
            Claim claim = running();
            Completion.Dead dead = new Completion.Dead(claim.id(), claim.token(), FAILURE);
            Completion.Dead stale = new Completion.Dead(claim.id(), newId(), FAILURE);

            List<CompletionReply> replies = get(broker().fail(queue, List.of(dead, dead, stale)));

            assertThat(replies).containsExactly(SETTLED, SETTLED, STALE);
            assertThat(found(claim.id()).failures()).isEqualTo(1);
        }

        @Test
        void one_call_carries_every_kind() {
            ready(3);
            List<Claim> claims = claim(3).claims();
            String token = claims.get(0).token();

            List<?> replies = get(broker().fail(
                            queue,
                            List.of(
                                    new Completion.Dead(claims.get(0).id(), token, FAILURE),
                                    new Completion.Retry(claims.get(1).id(), newId(), 0, FAILURE),
                                    new Completion.Retry(claims.get(1).id(), token, LONG_MILLIS, FAILURE),
                                    new Completion.Cancelled(claims.get(2).id(), token))));

            assertThat(replies).asString().isEqualTo("[SETTLED, STALE, SETTLED, SETTLED]");
            assertThat(counts()).isEqualTo(new QueueCounts(0, 1, 0, 1, 3, 0, 1));
        }
    }

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
