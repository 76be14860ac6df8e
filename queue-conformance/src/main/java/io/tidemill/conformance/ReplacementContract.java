package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.task.Unique.Conflict;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs that take the place of another, or change it, through a unique key. */
public abstract class ReplacementContract extends UniqueKeysContract {

    @Nested
    class Replacing {

        @Test
        void a_ready_job_is_replaced() {
            String first = storedOne(unique(UNTIL_DONE));
            String other = readyOne();
            NewJob second = unique(UNTIL_DONE.onConflict(Conflict.REPLACE));

            assertThat(enqueueOne(second)).isEqualTo(replacing(first));

            assertThat(stateOf(first)).isEqualTo(JobState.CANCELLED);
            assertThat(enqueueOne(unique(UNTIL_DONE))).isEqualTo(duplicateOf(second.id()));
            assertThat(ids(claim(10))).containsExactly(other, second.id());
            assertThat(counts()).isEqualTo(counted(0, 0, 2, 0, 3, 0, 1));
        }

        @Test
        void a_delayed_job_is_replaced() {
            String first = storedOne(unique(UNTIL_DONE).after(LONG_MILLIS));
            NewJob second = unique(UNTIL_DONE.onConflict(Conflict.REPLACE)).after(LONG_MILLIS);

            assertThat(enqueueOne(second)).isEqualTo(replacing(first));

            assertThat(stateOf(first)).isEqualTo(JobState.CANCELLED);
            assertThat(stateOf(second.id())).isEqualTo(JobState.SCHEDULED);
            assertThat(counts()).isEqualTo(counted(0, 1, 0, 0, 2, 0, 1));
        }

        @Test
        void a_job_that_waits_for_another_try_is_replaced() {
            String first = storedOne(unique(UNTIL_DONE));
            retry(claimOne(), LONG_MILLIS);
            NewJob second = unique(UNTIL_DONE.onConflict(Conflict.REPLACE));

            assertThat(enqueueOne(second)).isEqualTo(replacing(first));

            assertThat(ids(claim(10))).containsExactly(second.id());
        }

        @Test
        void a_running_job_is_not_replaced() {
            String first = storedOne(unique(UNTIL_DONE));
            Claim claim = claimOne();

            assertThat(enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.REPLACE))))
                    .isEqualTo(duplicateOf(first));

            assertThat(stateOf(first)).isEqualTo(JobState.ACTIVE);
            assertThat(complete(claim)).isEqualTo(SETTLED);
        }

        @Test
        void a_job_replaced_in_a_window_begins_a_new_one() {
            String first = storedOne(unique(LONG_WINDOW).after(LONG_MILLIS));
            NewJob second = unique(LONG_WINDOW.onConflict(Conflict.REPLACE));
            assertThat(enqueueOne(second)).isEqualTo(replacing(first));
            complete(claimOne());

            assertThat(enqueueOne(unique(LONG_WINDOW))).isEqualTo(duplicateOf(second.id()));
        }

        @Test
        void whoever_awaits_a_replaced_job_hears_of_its_end() {
            RecordingListener listener = new RecordingListener(patience());
            listen(null, listener);
            String first = storedOne(unique(UNTIL_DONE));
            get(lookUp().find(queue, first, true));

            enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.REPLACE)));

            listener.await("finished " + queue + " " + first);
        }

        @Test
        void of_three_in_one_call_the_last_replaces_the_others() {
            Unique replace = UNTIL_DONE.onConflict(Conflict.REPLACE);
            String before = storedOne(unique(UNTIL_DONE));
            List<NewJob> jobs = List.of(unique(replace), unique(replace).after(LONG_MILLIS), unique(replace));

            List<EnqueueReply> replies = enqueue(broker(), jobs);

            assertThat(replies)
                    .containsExactly(
                            replacing(before),
                            replacing(jobs.get(0).id()),
                            replacing(jobs.get(1).id()));
            assertThat(ids(claim(10))).containsExactly(jobs.get(2).id());
            assertThat(stateOf(jobs.get(0).id())).isEqualTo(JobState.CANCELLED);
            assertThat(stateOf(jobs.get(1).id())).isEqualTo(JobState.CANCELLED);
            assertThat(counts()).isEqualTo(counted(0, 0, 1, 0, 4, 0, 3));
        }

        @Test
        void a_job_is_stored_though_one_with_its_id_was_refused_in_the_same_call() {
            String holder = storedOne(unique(UNTIL_DONE));
            NewJob refused = unique(UNTIL_DONE);

            List<EnqueueReply> replies = enqueue(broker(), List.of(refused, job(refused.id()), job(refused.id())));

            assertThat(replies).containsExactly(duplicateOf(holder), EnqueueReply.ACCEPTED, duplicateOf(refused.id()));
            assertThat(ids(claim(10))).containsExactly(holder, refused.id());
        }

        @Test
        void a_delayed_job_is_rescheduled_and_keeps_its_body() {
            String first = storedOne(unique(UNTIL_DONE).after(LONG_MILLIS));
            long due = found(first).timeMillis();

            EnqueueReply reply = enqueueOne(
                    unique(UNTIL_DONE.onConflict(Conflict.RESCHEDULE)).after(3 * LONG_MILLIS));

            assertThat(reply).isEqualTo(new EnqueueReply.Rescheduled(first));
            assertThat(found(first).timeMillis()).isGreaterThanOrEqualTo(due + 2 * LONG_MILLIS);
            assertThat(found(first).body()).isEqualTo(bytes("body of " + first));
            assertThat(counts()).isEqualTo(counted(0, 1, 0, 0, 1, 0, 0));
        }

        @Test
        void a_delayed_job_may_be_rescheduled_to_now() {
            String first = storedOne(unique(UNTIL_DONE).after(LONG_MILLIS));

            assertThat(enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.RESCHEDULE))))
                    .isEqualTo(new EnqueueReply.Rescheduled(first));

            assertThat(claimOne().id()).isEqualTo(first);
        }

        @Test
        void a_job_that_is_not_delayed_is_not_rescheduled() {
            Unique reschedule = UNTIL_DONE.onConflict(Conflict.RESCHEDULE);
            String first = storedOne(unique(UNTIL_DONE));

            assertThat(enqueueOne(unique(reschedule).after(LONG_MILLIS))).isEqualTo(duplicateOf(first));
            assertThat(stateOf(first)).isEqualTo(JobState.READY);
            claimOne();
            assertThat(enqueueOne(unique(reschedule).after(LONG_MILLIS))).isEqualTo(duplicateOf(first));
        }

        @Test
        void a_job_is_rescheduled_by_one_behind_it_in_the_same_call() {
            Unique reschedule = UNTIL_DONE.onConflict(Conflict.RESCHEDULE);
            NewJob first = unique(UNTIL_DONE).after(LONG_MILLIS);

            List<EnqueueReply> replies =
                    enqueue(broker(), List.of(first, unique(reschedule).after(5 * LONG_MILLIS)));

            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, new EnqueueReply.Rescheduled(first.id()));
            assertThat(claim(10).moreInMillis()).isGreaterThan(2 * LONG_MILLIS);
        }

        @Test
        void a_worker_that_waits_hears_of_a_job_that_was_rescheduled_to_an_earlier_time() {
            String first = storedOne(unique(UNTIL_DONE).after(2 * LONG_MILLIS));
            RecordingListener listener = new RecordingListener(patience());
            listen("worker-waits", listener);
            claim("waits", 10, LONG_MILLIS);

            enqueueOne(unique(UNTIL_DONE.onConflict(Conflict.RESCHEDULE)));

            listener.await("ready " + queue);
            assertThat(claimOne().id()).isEqualTo(first);
        }
    }

    @Nested
    class Updating {

        private static final String KEY = "update:me";
        private static final Unique UPDATE = Unique.untilStarted(KEY).onConflict(Conflict.UPDATE);

        private NewJob carrying(String body, Unique unique, long delayMillis) {
            return with(new NewJob(newId(), bytes(body), 4, delayMillis, NewJob.NOW), unique);
        }

        private long dueOf(String id) {
            return found(id).timeMillis();
        }

        @Test
        void a_delayed_job_gets_the_body_and_the_time_of_the_later_one_and_keeps_its_id() {
            String first = storedOne(carrying("first", UPDATE, SHORT_MILLIS));
            long before = dueOf(first);

            assertThat(enqueueOne(carrying("second", UPDATE, LONG_MILLIS))).isEqualTo(new EnqueueReply.Updated(first));

            assertThat(dueOf(first)).isGreaterThan(before);
            assertThat(found(first).body()).isEqualTo(bytes("second"));
            assertThat(counts()).isEqualTo(counted(0, 1, 0, 0, 1));
        }

        @Test
        void a_ready_job_gets_the_body_and_keeps_its_place() {
            String first = storedOne(carrying("first", UPDATE, 0));
            String behind = readyOne();

            assertThat(enqueueOne(carrying("a longer second body", UPDATE, LONG_MILLIS)))
                    .isEqualTo(new EnqueueReply.Updated(first));

            List<Claim> claims = claim(10).claims();
            assertThat(claims).extracting(Claim::id).containsExactly(first, behind);
            assertThat(claims.get(0).body()).isEqualTo(bytes("a longer second body"));
        }

        @Test
        void a_job_that_a_worker_has_taken_stays_as_it_is() {
            Unique done = Unique.untilDone(KEY).onConflict(Conflict.UPDATE);
            String first = storedOne(carrying("first", done, 0));
            Claim running = claimOne();
            assertThat(enqueueOne(carrying("second", done, 0))).isEqualTo(duplicateOf(first));

            release(running, LONG_MILLIS);

            assertThat(enqueueOne(carrying("third", done, 0))).isEqualTo(duplicateOf(first));
            assertThat(found(first).body()).isEqualTo(bytes("first"));
        }

        @Test
        void what_the_holder_asked_for_beyond_its_body_stays() {
            NewJob first = carrying("first", UPDATE, LONG_MILLIS);
            storedOne(first.with(first.constraints().withGroup("a").withExpiresInMillis(2 * LONG_MILLIS)));
            NewJob second = carrying("second", UPDATE.version(3), LONG_MILLIS);

            enqueueOne(second.with(second.constraints().withGroup("b")));

            assertThat(found(first.id()).constraints().group()).isEqualTo("a");
            assertThat(found(first.id()).constraints().key()).isEqualTo(KEY);
            assertThat(found(first.id()).constraints().expiresMillis()).isPositive();
        }

        @Test
        void of_three_in_one_call_the_first_runs_with_the_body_of_the_last() {
            NewJob first = carrying("first", UPDATE, LONG_MILLIS);

            List<EnqueueReply> replies = enqueue(
                    broker(),
                    List.of(first, carrying("second", UPDATE, SHORT_MILLIS), carrying("third", UPDATE, LONG_MILLIS)));

            EnqueueReply updated = new EnqueueReply.Updated(first.id());
            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, updated, updated);
            assertThat(found(first.id()).body()).isEqualTo(bytes("third"));
            assertThat(counts()).isEqualTo(counted(0, 1, 0, 0, 1));
        }

        @Test
        void two_updates_of_one_holder_in_one_call_are_made_one_after_the_other() {
            String first = storedOne(carrying("first", UPDATE.version(1), LONG_MILLIS));

            List<EnqueueReply> replies = enqueue(
                    broker(),
                    List.of(
                            carrying("third", UPDATE.version(3), LONG_MILLIS),
                            carrying("second", UPDATE.version(2), LONG_MILLIS)));

            assertThat(replies).containsExactly(new EnqueueReply.Updated(first), new EnqueueReply.Outdated(first));
            assertThat(found(first).body()).isEqualTo(bytes("third"));
        }

        @Test
        void a_job_is_put_off_no_further_than_its_longest_delay() {
            for (Conflict conflict : List.of(Conflict.UPDATE, Conflict.RESCHEDULE, Conflict.REPLACE)) {
                Unique bounded = Unique.untilStarted("longest:" + conflict)
                        .onConflict(conflict)
                        .longestDelay(LONG.multipliedBy(3));
                String first = storedOne(carrying("first", bounded, LONG_MILLIS));
                long latest = dueOf(first) + 2 * LONG_MILLIS;

                EnqueueReply reply = enqueueOne(carrying("second", bounded, 20 * LONG_MILLIS));

                String holder = reply instanceof EnqueueReply.NotStored ? first : scheduledLast();
                assertThat(dueOf(holder)).isLessThanOrEqualTo(latest).isGreaterThan(latest - LONG_MILLIS);
                enqueueOne(carrying("third", bounded, 20 * LONG_MILLIS));
                assertThat(dueOf(reply instanceof EnqueueReply.NotStored ? first : scheduledLast()))
                        .isLessThanOrEqualTo(latest);
            }
        }

        private String scheduledLast() {
            List<String> ids = ids(list(JobState.SCHEDULED));
            return ids.get(ids.size() - 1);
        }

        @Test
        void a_first_job_is_due_after_its_longest_delay_at_the_latest() {
            String bounded = storedOne(carrying("first", UPDATE.longestDelay(LONG), 20 * LONG_MILLIS));
            String plain = storedOne(job(newId()).after(2 * LONG_MILLIS));

            assertThat(dueOf(bounded)).isLessThan(dueOf(plain));
        }

        @Test
        void an_older_version_changes_nothing_and_says_so() {
            for (Conflict conflict : Conflict.values()) {
                Unique versioned = Unique.untilDone("version:" + conflict).onConflict(conflict);
                String first = storedOne(carrying("first", versioned.version(7), LONG_MILLIS));
                long due = dueOf(first);

                assertThat(enqueueOne(carrying("second", versioned.version(6), 0)))
                        .isEqualTo(new EnqueueReply.Outdated(first));

                assertThat(found(first).body()).isEqualTo(bytes("first"));
                assertThat(dueOf(first)).isEqualTo(due);
            }
        }

        @Test
        void the_same_and_a_newer_version_and_none_are_not_older() {
            String first = storedOne(carrying("first", UPDATE.version(7), LONG_MILLIS));
            EnqueueReply updated = new EnqueueReply.Updated(first);

            assertThat(enqueueOne(carrying("same", UPDATE.version(7), LONG_MILLIS)))
                    .isEqualTo(updated);
            assertThat(enqueueOne(carrying("newer", UPDATE.version(8), LONG_MILLIS)))
                    .isEqualTo(updated);
            assertThat(enqueueOne(carrying("none", UPDATE, LONG_MILLIS))).isEqualTo(updated);
            assertThat(enqueueOne(carrying("older", UPDATE.version(7), LONG_MILLIS)))
                    .isEqualTo(new EnqueueReply.Outdated(first));
            assertThat(found(first).body()).isEqualTo(bytes("none"));
        }
    }
}
