package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.broker.CompletionReply.STALE;
import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.RecoverReply;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. How runs end: in success, or in a failure. */
public abstract class CompletionContract extends ClaimContract {

    @Nested
    class Complete {

        @Test
        void a_completed_job_is_gone_and_counted() {
            Claim claim = running();

            assertThat(complete(claim)).isEqualTo(SETTLED);

            assertThat(find(claim.id())).isEmpty();
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0));
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

            assertThat(counts()).isEqualTo(counted(0, 0, 1, 0, 2, 1, 0));
        }

        @Test
        void a_token_that_holds_nothing_any_more_settles_nothing() {
            Claim claim = running();
            complete(claim);

            assertThat(complete(claim)).isEqualTo(STALE);

            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0));
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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0));
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
            assertThat(counts()).isEqualTo(counted(1, 0, 2, 0, 4, 1, 0));
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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 1, 1, 0, 0));
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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 0, 1));
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
            assertThat(counts()).isEqualTo(counted(0, 1, 0, 1, 3, 0, 1));
        }
    }
}
