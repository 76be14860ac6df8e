package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.RecoverReply;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.JobState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs that are cancelled. */
public abstract class CancelContract extends SweepsContract {

    @Nested
    class Cancel {

        @Test
        void a_scheduled_job_is_cancelled_and_never_runs() {
            String id = delayed(1, SHORT_MILLIS).get(0);

            assertThat(cancel(id)).isEqualTo(CancelReply.CANCELLED);

            letItEnd();
            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);
            assertThat(stateOf(id)).isEqualTo(JobState.CANCELLED);
        }

        @Test
        void a_ready_job_is_cancelled_at_once_and_never_runs() {
            List<String> ids = ready(3);

            assertThat(cancel(ids.get(1))).isEqualTo(CancelReply.CANCELLED);

            assertThat(counts()).isEqualTo(counted(2, 0, 0, 0, 3, 0, 1));
            assertThat(ids(list(JobState.READY))).containsExactly(ids.get(0), ids.get(2));
            assertThat(stateOf(ids.get(1))).isEqualTo(JobState.CANCELLED);
            assertThat(ids(claim(10))).containsExactly(ids.get(0), ids.get(2));
        }

        @Test
        void a_claim_is_not_cut_short_by_cancelled_jobs() {
            List<String> ids = ready(300);
            for (String id : ids.subList(0, 200)) {
                cancel(id);
            }

            assertThat(ids(claim(100))).isEqualTo(ids.subList(200, 300));
        }

        @Test
        void a_running_job_is_asked_and_its_holder_told_at_the_next_extension() {
            ready(2);
            List<Claim> claims = claim(2).claims();
            String id = claims.get(0).id();

            assertThat(cancel(id)).isEqualTo(CancelReply.REQUESTED);

            assertThat(stateOf(id)).isEqualTo(JobState.ACTIVE);
            assertThat(get(leases().extend(queue, List.of(claims.get(0).token()), LONG_MILLIS)))
                    .containsExactly(new ExtendReply(true, Set.of(id)));
        }

        @Test
        void asking_twice_is_the_same_as_once() {
            Claim running = running();
            String ready = readyOne();
            cancel(running.id());
            cancel(ready);

            assertThat(cancel(running.id())).isEqualTo(CancelReply.REQUESTED);
            assertThat(cancel(ready)).isEqualTo(CancelReply.NOT_FOUND);

            assertThat(counts()).isEqualTo(counted(0, 0, 1, 0, 2, 0, 1));
        }

        @Test
        void a_running_job_that_was_asked_may_still_succeed() {
            Claim claim = running();
            cancel(claim.id());

            assertThat(complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), LONG_MILLIS)))
                    .isEqualTo(SETTLED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
        }

        @Test
        void a_running_job_that_was_asked_ends_cancelled_when_it_fails() {
            Claim retried = running();
            cancel(retried.id());
            Claim died = running();
            cancel(died.id());

            assertThat(retry(retried, 0)).isEqualTo(CompletionReply.CANCELLED);
            assertThat(die(died)).isEqualTo(CompletionReply.CANCELLED);

            assertThat(stateOf(retried.id())).isEqualTo(JobState.CANCELLED);
            assertThat(stateOf(died.id())).isEqualTo(JobState.CANCELLED);
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_running_job_that_was_asked_ends_cancelled_when_it_is_released() {
            Claim now = running();
            cancel(now.id());
            Claim later = running();
            cancel(later.id());

            assertThat(release(now, 0)).isEqualTo(CompletionReply.CANCELLED);
            assertThat(release(later, LONG_MILLIS)).isEqualTo(CompletionReply.CANCELLED);

            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 2, 0, 2));
        }

        @Test
        void a_running_job_that_was_asked_ends_cancelled_when_its_lease_ends() {
            Claim claim = running(SHORT_MILLIS);
            cancel(claim.id());
            letItEnd();

            assertThat(recover()).isEqualTo(new RecoverReply(List.of(), List.of()));

            assertThat(stateOf(claim.id())).isEqualTo(JobState.CANCELLED);
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_run_that_was_asked_may_end_as_cancelled() {
            Claim claim = running();
            cancel(claim.id());

            assertThat(fail(new Completion.Cancelled(claim.id(), claim.token())))
                    .isEqualTo(SETTLED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.CANCELLED);
            assertThat(counts().cancelled()).isEqualTo(1);
        }

        @Test
        void what_ended_or_never_was_is_not_found() {
            Claim succeeded = running();
            complete(new Completion.Succeeded(succeeded.id(), succeeded.token(), bytes("42"), LONG_MILLIS));
            Claim dead = running();
            die(dead);

            assertThat(cancel(succeeded.id())).isEqualTo(CancelReply.NOT_FOUND);
            assertThat(cancel(dead.id())).isEqualTo(CancelReply.NOT_FOUND);
            assertThat(cancel(newId())).isEqualTo(CancelReply.NOT_FOUND);

            assertThat(stateOf(dead.id())).isEqualTo(JobState.DEAD);
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 1, 2, 1, 0));
        }

        @Test
        void a_job_that_waits_for_its_next_try_is_cancelled() {
            Claim claim = running();
            retry(claim, LONG_MILLIS);

            assertThat(cancel(claim.id())).isEqualTo(CancelReply.CANCELLED);

            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 0, 1));
        }

        private CancelReply cancel(String id) {
            return get(cancellation().cancel(queue, id));
        }
    }
}
