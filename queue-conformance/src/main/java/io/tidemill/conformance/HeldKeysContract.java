package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.task.Unique.Conflict;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. How long a unique key is held. */
public abstract class HeldKeysContract extends ReplacementContract {

    @Nested
    class HeldKeys {

        @Test
        void a_key_is_held_while_the_job_is_delayed_or_runs_or_waits_for_another_try() {
            String id = storedOne(unique(UNTIL_DONE).after(SHORT_MILLIS));
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            letItEnd();
            Claim claim = claimOne();
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            retry(claim, LONG_MILLIS);
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_key_is_held_over_a_release_and_a_recovery() {
            String id = storedOne(unique(UNTIL_DONE));
            release(claimOne(), 0);
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover();
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_key_is_free_after_a_success() {
            storedOne(unique(UNTIL_DONE));
            complete(claimOne());

            storedOne(unique(UNTIL_DONE));
        }

        @Test
        void a_key_is_free_after_a_success_with_a_result() {
            storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();
            complete(Completion.Succeeded.of(claim, bytes("42"), LONG_MILLIS));

            storedOne(unique(UNTIL_DONE));
        }

        @Test
        void a_key_is_free_for_a_job_that_is_stored_after_a_completion_that_claimed_more() {
            storedOne(unique(UNTIL_DONE));
            storedOne(unique(Unique.untilStarted("other")));
            Claim first = claimOne();

            CompleteReply reply =
                    get(broker().complete(queue, List.of(succeeded(first)), request(newId(), 10, LONG_MILLIS)));

            assertThat(Objects.requireNonNull(reply.claimed()).claims()).hasSize(1);
            storedOne(unique(UNTIL_DONE));
            storedOne(unique(Unique.untilStarted("other")));
        }

        @Test
        void a_key_is_free_once_the_job_is_dead() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(unique(unique));
                die(claimOne());

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_the_job_is_dead_of_ended_leases() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(unique(unique));
                claimOne(SHORT_MILLIS);
                letItEnd();
                assertThat(named(recover(0).dead())).hasSize(1);

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_the_ready_job_is_cancelled() {
            for (Unique unique : EVERY_SCOPE) {
                String id = storedOne(unique(unique));
                assertThat(get(cancellation().cancel(queue, id))).isEqualTo(CancelReply.CANCELLED);

                String next = storedOne(unique(unique));

                assertThat(ids(claim(10))).containsExactly(next);
            }
        }

        @Test
        void a_key_is_free_once_the_delayed_job_is_cancelled() {
            for (Unique unique : EVERY_SCOPE) {
                String id = storedOne(unique(unique).after(LONG_MILLIS));
                get(cancellation().cancel(queue, id));

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_the_run_ended_as_cancelled() {
            for (Unique unique : EVERY_SCOPE) {
                storedOne(unique(unique));
                Claim claim = claimOne();
                fail(new Completion.Cancelled(claim.id(), claim.token()));

                storedOne(unique(unique));
                claimOne();
            }
        }

        @Test
        void a_key_is_free_once_a_released_or_recovered_job_turns_out_to_be_cancelled() {
            String released = storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();
            get(cancellation().cancel(queue, released));
            release(claim, 0);
            String recovered = storedOne(unique(UNTIL_DONE));
            claimOne(SHORT_MILLIS);
            get(cancellation().cancel(queue, recovered));
            letItEnd();
            recover();

            storedOne(unique(UNTIL_DONE));

            assertThat(counts().cancelled()).isEqualTo(2);
        }

        @Test
        void a_key_is_held_while_a_running_job_is_only_asked_to_be_cancelled() {
            String id = storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();
            assertThat(get(cancellation().cancel(queue, id))).isEqualTo(CancelReply.REQUESTED);

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));

            complete(claim);
        }

        @Test
        void a_stale_completion_does_not_free_the_key() {
            String id = storedOne(unique(UNTIL_DONE));
            Claim stale = claimOne(SHORT_MILLIS);
            letItEnd();
            recover();
            complete(stale);

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_job_that_ends_leaves_a_key_alone_that_another_holds_by_now() {
            storedOne(unique(UNTIL_STARTED));
            Claim first = claimOne();
            String second = storedOne(unique(UNTIL_STARTED));

            complete(first);

            assertThat(enqueueOne(unique(UNTIL_STARTED))).isEqualTo(duplicateOf(second));
        }

        @Test
        void until_it_is_started_a_key_is_held_and_then_free() {
            String first = storedOne(unique(UNTIL_STARTED));
            assertThat(enqueueOne(unique(UNTIL_STARTED))).isEqualTo(duplicateOf(first));
            claimOne();

            String second = storedOne(unique(UNTIL_STARTED));

            assertThat(claimOne().id()).isEqualTo(second);
        }

        @Test
        void a_retry_does_not_take_back_a_key_that_was_held_until_the_start() {
            String first = storedOne(unique(UNTIL_STARTED));
            Claim claim = claimOne();
            String second = storedOne(unique(UNTIL_STARTED));
            retry(claim, 0);

            assertThat(ids(claim(10))).containsExactlyInAnyOrder(first, second);
            storedOne(unique(UNTIL_STARTED));
        }

        @Test
        void a_window_holds_the_key_past_a_success() {
            String id = storedOne(unique(LONG_WINDOW));
            complete(claimOne());

            assertThat(enqueueOne(unique(LONG_WINDOW))).isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.REPLACE))))
                    .isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.RESCHEDULE))))
                    .isEqualTo(duplicateOf(id));
        }

        @Test
        void a_window_shorter_than_the_delay_holds_the_key_until_after_the_job_was_due() {
            Unique window = Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS));
            String id = storedOne(unique(window).after(LONG_MILLIS));
            letItEnd();

            assertThat(enqueueOne(unique(window).after(LONG_MILLIS))).isEqualTo(duplicateOf(id));
        }

        @Test
        void a_window_goes_along_when_its_job_is_rescheduled_to_a_later_time() {
            Unique window = Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS));
            String id = storedOne(unique(window).after(1));
            String other = storedOne(job(newId())
                    .with(JobConstraints.NONE.withUnique(Unique.within("other", window.window())))
                    .after(1));
            assertThat(enqueueOne(unique(window.onConflict(Conflict.RESCHEDULE)).after(LONG_MILLIS)))
                    .isEqualTo(new EnqueueReply.Rescheduled(id));
            assertThat(get(operations().reschedule(queue, Reschedule.after(other, LONG_MILLIS))))
                    .isEqualTo(RescheduleReply.RESCHEDULED);
            letItEnd();

            assertThat(enqueueOne(unique(window))).isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(
                            job(newId()).with(JobConstraints.NONE.withUnique(Unique.within("other", window.window())))))
                    .isEqualTo(duplicateOf(other));
        }

        @Test
        void a_window_that_went_along_ends_with_its_job_and_not_the_key_of_one_that_replaces_it() {
            Unique window = Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS));
            String first = storedOne(unique(window).after(1));
            NewJob later = unique(window.onConflict(Conflict.RESCHEDULE)).after(SHORT_MILLIS);
            NewJob last = unique(UNTIL_DONE.onConflict(Conflict.REPLACE)).after(LONG_MILLIS);

            assertThat(enqueue(broker(), List.of(later, last)))
                    .containsExactly(new EnqueueReply.Rescheduled(first), new EnqueueReply.Accepted(first));
            advance(Duration.ofMillis(3 * SHORT_MILLIS));

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(last.id()));
        }

        @Test
        void a_window_does_not_reach_a_later_job_with_the_id_of_the_first() {
            String id = storedOne(unique(LONG_WINDOW));
            complete(claimOne());
            storedOne(job(id).after(LONG_MILLIS));

            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.RESCHEDULE))))
                    .isEqualTo(duplicateOf(id));
            assertThat(enqueueOne(unique(LONG_WINDOW.onConflict(Conflict.REPLACE))))
                    .isEqualTo(duplicateOf(id));

            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
            assertThat(found(id).timeMillis()).isPositive();
        }

        @Test
        void a_window_ends_by_its_time_whatever_the_job_does() {
            storedOne(unique(Unique.within(KEY, Duration.ofMillis(SHORT_MILLIS))));
            letItEnd();

            String second = storedOne(unique(UNTIL_DONE));
            complete(claimOne());

            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(second));
        }
    }
}
