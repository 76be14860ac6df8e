package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.task.Unique.Conflict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs that have not started in time. */
public abstract class ExpiryContract extends HeldKeysContract {

    @Nested
    class Expiry {

        @Test
        void a_ready_job_that_has_not_started_in_time_never_runs() {
            String late = storedOne(expiring(SHORT_MILLIS));
            String plain = readyOne();
            letItEnd();

            ClaimReply reply = claim(10);

            assertThat(ids(reply)).containsExactly(plain);
            assertThat(named(reply.expired())).containsExactly(late);
            assertThat(stateOf(late)).isEqualTo(JobState.EXPIRED);
            assertThat(counts()).isEqualTo(counted(0, 0, 1, 0, 2, 0, 0, 1, 0));
        }

        @Test
        void a_claim_beside_a_completion_leaves_out_late_jobs_too() {
            Claim running = running();
            String late = storedOne(expiring(SHORT_MILLIS));
            String plain = readyOne();
            letItEnd();

            ClaimReply reply = Objects.requireNonNull(
                    get(broker().complete(queue, List.of(succeeded(running)), request(newId(), 10, LONG_MILLIS)))
                            .claimed());

            assertThat(ids(reply)).containsExactly(plain);
            assertThat(named(reply.expired())).containsExactly(late);
            assertThat(find(running.id())).isEmpty();
        }

        @Test
        void a_job_that_starts_in_time_runs() {
            storedOne(expiring(LONG_MILLIS));

            assertThat(complete(claimOne())).isEqualTo(SETTLED);

            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_job_that_has_started_expires_no_more() {
            String id = storedOne(expiring(SHORT_MILLIS));
            Claim claim = claimOne();
            letItEnd();
            assertThat(expire()).isEmpty();
            retry(claim, 0);

            assertThat(expire()).isEmpty();
            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(id);
            release(second, 0);
            Claim third = claimOne(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(third.id()).isEqualTo(id);
            assertThat(claimOne().id()).isEqualTo(id);
        }

        @Test
        void a_sweep_ends_ready_jobs_that_nobody_claims() {
            String late = storedOne(expiring(SHORT_MILLIS));
            String plain = readyOne();
            letItEnd();

            assertThat(expire()).containsExactly(late);

            assertThat(stateOf(late)).isEqualTo(JobState.EXPIRED);
            assertThat(ids(list(JobState.READY))).containsExactly(plain);
            assertThat(counts()).isEqualTo(counted(1, 0, 0, 0, 2, 0, 0, 1, 0));
            ClaimReply reply = claim(10);
            assertThat(ids(reply)).containsExactly(plain);
            assertThat(named(reply.expired())).isEmpty();
        }

        @Test
        void a_sweep_ends_delayed_jobs() {
            NewJob late = expiring(SHORT_MILLIS).after(LONG_MILLIS);
            storedOne(late);
            letItEnd();

            assertThat(expire()).containsExactly(late.id());

            assertThat(stateOf(late.id())).isEqualTo(JobState.EXPIRED);
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 0, 0, 1, 0));
        }

        @Test
        void those_that_a_sweep_or_a_claim_ends_are_told_with_the_beginning_of_their_records() {
            NewJob ready = expiring(SHORT_MILLIS - 5);
            NewJob delayed = expiring(SHORT_MILLIS).after(LONG_MILLIS);
            storedOne(ready);
            storedOne(delayed);
            letItEnd();
            List<JobBrief> swept = get(sweeps().expire(queue, 2));
            NewJob claimed = expiring(SHORT_MILLIS);
            storedOne(claimed);
            letItEnd();

            assertBrief(claim(10).expired().get(0), claimed.id(), claimed.body(), 0, 0, 0);
            assertBrief(swept.get(0), ready.id(), ready.body(), 0, 0, 0);
            assertBrief(swept.get(1), delayed.id(), delayed.body(), 0, 0, 0);
        }

        @Test
        void a_sweep_ends_no_more_than_asked_for_and_those_first_that_were_late_first() {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                ids.add(storedOne(expiring(SHORT_MILLIS - 5 + i)));
            }
            storedOne(expiring(LONG_MILLIS));
            letItEnd();

            assertThat(named(get(sweeps().expire(queue, 3)))).hasSize(3).isSubsetOf(ids);
            assertThat(named(get(sweeps().expire(queue, 3)))).hasSize(2).isSubsetOf(ids);
            assertThat(expire()).isEmpty();
            assertThat(counts().ready()).isEqualTo(1);
        }

        @Test
        void an_expired_id_is_remembered() {
            String late = storedOne(expiring(SHORT_MILLIS));
            letItEnd();
            expire();

            assertThat(enqueueOne(job(late))).isEqualTo(duplicateOf(late));
        }

        @Test
        void an_expired_job_is_not_cancelled_again() {
            String late = storedOne(expiring(SHORT_MILLIS));
            letItEnd();
            expire();

            assertThat(get(cancellation().cancel(queue, late))).isEqualTo(CancelReply.NOT_FOUND);
            assertThat(stateOf(late)).isEqualTo(JobState.EXPIRED);
        }

        @Test
        void a_cancelled_job_does_not_expire_as_well() {
            String ready = storedOne(expiring(SHORT_MILLIS));
            String scheduled = storedOne(expiring(SHORT_MILLIS).after(LONG_MILLIS));
            get(cancellation().cancel(queue, ready));
            get(cancellation().cancel(queue, scheduled));
            letItEnd();

            assertThat(expire()).isEmpty();

            assertThat(named(claim(10).expired())).isEmpty();
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 2, 0, 2));
        }

        @Test
        void an_expired_job_frees_its_key() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(with(expiring(SHORT_MILLIS), unique));
                letItEnd();
                expire();
                storedOne(with(expiring(SHORT_MILLIS), unique));
                letItEnd();
                claim(10);

                storedOne(with(expiring(LONG_MILLIS), unique));
                claimOne();
            }
            assertThat(counts().expired()).isEqualTo(2L * EVERY_SCOPE.size());
        }

        @Test
        void a_replaced_job_does_not_expire_as_well() {
            storedOne(with(expiring(SHORT_MILLIS), UNTIL_DONE));
            storedOneReplacing(with(expiring(SHORT_MILLIS).after(1), UNTIL_DONE.onConflict(Conflict.REPLACE)));
            NewJob last = unique(UNTIL_DONE.onConflict(Conflict.REPLACE));
            storedOneReplacing(last);
            letItEnd();

            assertThat(expire()).isEmpty();
            assertThat(ids(claim(10))).containsExactly(last.id());
        }

        private void storedOneReplacing(NewJob job) {
            assertThat(enqueueOne(job)).isInstanceOf(EnqueueReply.Accepted.class);
        }

        @Test
        void whoever_awaits_an_expired_job_hears_of_its_end() {
            RecordingListener listener = new RecordingListener(patience());
            listen(null, listener);
            String swept = storedOne(expiring(SHORT_MILLIS));
            get(lookUp().find(queue, swept, true));
            letItEnd();
            expire();
            listener.await("finished " + queue + " " + swept);

            String claimed = storedOne(expiring(SHORT_MILLIS));
            get(lookUp().find(queue, claimed, true));
            letItEnd();
            claim(10);
            listener.await("finished " + queue + " " + claimed);
        }

        @Test
        void many_late_jobs_at_the_front_do_not_hide_the_one_behind_them() {
            stored(IntStream.range(0, 400).mapToObj(i -> expiring(SHORT_MILLIS)).toList());
            String plain = readyOne();
            letItEnd();

            assertThat(claimOne().id()).isEqualTo(plain);

            assertThat(counts().expired()).isEqualTo(400);
        }
    }
}
