package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link OperationsContract}. Jobs that run again, or at another time. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class RedriveContract extends RemovalContract {

    @Nested
    class Redriving {

        @Test
        void a_redriven_job_is_ready_and_its_failures_start_again() {
            String id = dead(1).get(0);

            assertThat(redrive(id)).containsExactly(RedriveReply.REDRIVEN);

            assertThat(found(id)).satisfies(job -> {
                assertThat(job.state()).isEqualTo(JobState.READY);
                assertThat(job.failures()).isZero();
                assertThat(job.lostLeases()).isZero();
                assertThat(job.timeMillis()).isZero();
                assertThat(job.failure()).as("the last failure").isEqualTo(FAILURE);
            });
            assertThat(counts()).isEqualTo(counted(1, 0, 0, 0, 1, 0, 0));
            assertThat(claimOne()).satisfies(claim -> {
                assertThat(claim.body()).isEqualTo(bytes("body of " + id));
                assertThat(claim.attempt()).as("not its first run").isEqualTo(2);
            });
        }

        @Test
        void the_second_time_it_is_not_dead() {
            String id = dead(1).get(0);
            redrive(id);

            assertThat(redrive(id)).containsExactly(RedriveReply.NOT_DEAD);

            assertThat(counts().ready()).isEqualTo(1);
        }

        @Test
        void a_job_that_is_named_twice_is_redriven_once() {
            String id = dead(1).get(0);

            assertThat(redrive(id, id)).containsExactly(RedriveReply.REDRIVEN, RedriveReply.NOT_DEAD);

            assertThat(list(JobState.READY)).hasSize(1);
        }

        @Test
        void replies_come_one_per_job_in_the_same_order() {
            List<String> ids = dead(2);
            String ready = readyOne();

            assertThat(redrive(ready, ids.get(1), newId(), ids.get(0)))
                    .containsExactly(
                            RedriveReply.NOT_DEAD, RedriveReply.REDRIVEN, RedriveReply.NOT_DEAD, RedriveReply.REDRIVEN);

            assertThat(ids(list(JobState.READY))).containsExactly(ready, ids.get(1), ids.get(0));
        }

        @Test
        void a_redriven_job_keeps_its_priority() {
            List<String> ids = newIds(3);
            stored(List.of(job(ids.get(0), 9), job(ids.get(1), 0), job(ids.get(2), 7)));
            killAll();
            String between = newId();
            stored(List.of(job(between, 7)));

            redrive(ids.get(1), ids.get(2), ids.get(0));

            assertThat(ids(claim(10))).containsExactly(ids.get(0), between, ids.get(2), ids.get(1));
        }

        @Test
        void a_job_redriven_with_a_delay_is_scheduled() {
            String id = dead(1).get(0);

            get(operations().redrive(queue, List.of(new Redrive(id, LONG_MILLIS))));

            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
            assertThat(found(id).timeMillis()).isPositive();
            assertThat(claim(1).claims()).isEmpty();
        }

        @Test
        void a_job_redriven_with_a_delay_comes_after_it() {
            String id = dead(1).get(0);

            get(operations().redrive(queue, List.of(new Redrive(id, SHORT_MILLIS))));
            letItEnd();

            assertThat(claimOne().id()).isEqualTo(id);
        }

        @Test
        void a_redriven_job_may_die_again_and_be_redriven_again() {
            String id = dead(1).get(0);
            redrive(id);
            die(claimOne());

            assertThat(found(id).failures()).isEqualTo(1);
            assertThat(redrive(id)).containsExactly(RedriveReply.REDRIVEN);

            assertThat(complete(claimOne())).isEqualTo(CompletionReply.SETTLED);
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_job_that_died_of_ended_leases_survives_as_many_again() {
            String id = running(SHORT_MILLIS).id();
            letItEnd();
            recover(0);
            redrive(id);

            claimOne(SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover(1).recovered())).containsExactly(id);
        }

        private NewJob unique(String id, Unique unique) {
            return job(id).with(new JobConstraints(unique, null, 0));
        }

        @Test
        void a_redriven_job_holds_its_key_again_until_it_is_done() {
            Unique key = Unique.untilDone("key");
            stored(List.of(unique("first", key)));
            killAll();

            assertThat(redrive("first")).containsExactly(RedriveReply.REDRIVEN);

            assertThat(get(broker().enqueue(queue, List.of(unique("second", key)))))
                    .containsExactly(new EnqueueReply.Duplicate("first"));
            assertThat(complete(claimOne())).isEqualTo(CompletionReply.SETTLED);
            stored(List.of(unique("third", key)));
        }

        @Test
        void a_job_whose_key_another_job_holds_stays_dead() {
            Unique key = Unique.untilDone("key");
            stored(List.of(unique("first", key)));
            killAll();
            stored(List.of(unique("second", key)));

            assertThat(redrive("first")).containsExactly(RedriveReply.KEY_HELD);

            assertThat(stateOf("first")).isEqualTo(JobState.DEAD);
            assertThat(found("first").failures()).isEqualTo(1);
            assertThat(counts().ready()).isEqualTo(1);
            assertThat(complete(claimOne())).isEqualTo(CompletionReply.SETTLED);
            assertThat(redrive("first")).containsExactly(RedriveReply.REDRIVEN);
        }

        @Test
        void of_two_dead_jobs_with_one_key_the_first_named_is_redriven() {
            Unique key = Unique.untilDone("key");
            stored(List.of(unique("first", key)));
            killAll();
            stored(List.of(unique("second", key)));
            killAll();

            assertThat(redrive("second", "first")).containsExactly(RedriveReply.REDRIVEN, RedriveReply.KEY_HELD);

            assertThat(ids(claim(10))).containsExactly("second");
        }

        @Test
        void a_key_held_until_the_start_or_for_a_time_is_not_taken_again() {
            Unique untilStarted = Unique.untilStarted("start");
            Unique window = Unique.within("window", Duration.ofHours(1));
            stored(List.of(unique("first", untilStarted), unique("second", window)));
            killAll();
            stored(List.of(unique("third", untilStarted), unique("fourth", window)));

            assertThat(redrive("first", "second")).containsExactly(RedriveReply.REDRIVEN, RedriveReply.REDRIVEN);

            assertThat(ids(claim(10))).containsExactlyInAnyOrder("first", "second", "third", "fourth");
        }

        @Test
        void an_idle_worker_hears_of_it() {
            String id = dead(1).get(0);
            RecordingListener listener = new RecordingListener(patience());
            listen("worker-idle", listener);
            get(broker().claim(queue, new ClaimRequest("worker-idle", newId(), 1, LONG_MILLIS)));
            listener.forget();

            redrive(id);

            listener.await("ready " + queue);
        }

        @Test
        void a_thousand_fit_in_one_call() {
            List<String> ids = dead(Broker.MAX_BATCH);

            assertThat(get(operations()
                            .redrive(queue, ids.stream().map(Redrive::now).toList())))
                    .hasSize(Broker.MAX_BATCH)
                    .containsOnly(RedriveReply.REDRIVEN);

            assertThat(ids(claim(Broker.MAX_BATCH))).isEqualTo(ids);
        }
    }

    @Nested
    class Rescheduling {

        @Test
        void a_scheduled_job_that_is_to_run_now_is_ready_behind_the_others_of_its_priority() {
            List<String> delayed = stored(
                    List.of(job(newId(), 7).after(LONG_MILLIS), job(newId()).after(LONG_MILLIS)));
            List<String> ready = stored(List.of(job(newId(), 7), job(newId())));

            assertThat(reschedule(delayed.get(0), 0)).isTrue();
            assertThat(reschedule(delayed.get(1), 0)).isTrue();

            assertThat(list(JobState.SCHEDULED)).isEmpty();
            assertThat(ids(claim(10))).containsExactly(ready.get(0), delayed.get(0), ready.get(1), delayed.get(1));
        }

        @Test
        void a_job_that_waits_for_another_try_may_be_tried_now_and_its_failures_still_count() {
            Claim claim = running();
            retry(claim, LONG_MILLIS);

            assertThat(reschedule(claim.id(), 0)).isTrue();

            assertThat(claimOne().failures()).isOne();
        }

        @Test
        void its_new_time_counts_from_now() {
            String id = delayed(1, LONG_MILLIS).get(0);
            String other = delayed(1, LONG_MILLIS).get(0);

            assertThat(reschedule(id, 2 * LONG_MILLIS)).isTrue();
            assertThat(list(JobState.SCHEDULED)).extracting(JobSnapshot::id).containsExactly(other, id);
            assertThat(reschedule(id, SHORT_MILLIS)).isTrue();

            letItEnd();
            assertThat(ids(claim(10))).containsExactly(id);
            assertThat(stateOf(other)).isEqualTo(JobState.SCHEDULED);
        }

        @Test
        void a_job_of_a_group_takes_its_turn() {
            String id = newId();
            stored(List.of(job(id).with(JobConstraints.NONE.withGroup("a")).after(LONG_MILLIS)));

            assertThat(reschedule(id, 0)).isTrue();

            assertThat(claimOne().id()).isEqualTo(id);
        }

        @Test
        void a_job_in_any_other_state_is_left_alone() {
            String dead = dead(1).get(0);
            Claim running = running();
            String ready = readyOne();
            String cancelled = delayed(1, LONG_MILLIS).get(0);
            get(cancellation().cancel(queue, cancelled));
            QueueCounts before = counts();

            for (String id : List.of(dead, running.id(), ready, cancelled, newId())) {
                assertThat(reschedule(id, 0)).isFalse();
                assertThat(reschedule(id, LONG_MILLIS)).isFalse();
            }

            assertThat(counts()).isEqualTo(before);
            assertThat(stateOf(running.id())).isEqualTo(JobState.ACTIVE);
        }

        @Test
        void an_idle_worker_hears_of_a_job_that_is_to_run_now_or_sooner() {
            for (long delayMillis : new long[] {0, LONG_MILLIS / 2}) {
                String id = delayed(1, LONG_MILLIS).get(0);
                RecordingListener worker = new RecordingListener(patience());
                String name = "worker-" + delayMillis;
                listen(name, worker);
                get(broker().claim(queue, new ClaimRequest(name, newId(), 1, LONG_MILLIS)));
                worker.forget();

                reschedule(id, delayMillis);

                worker.await("ready " + queue);
                delete(id);
            }
        }

        private boolean reschedule(String id, long delayMillis) {
            return reschedule(Reschedule.after(id, delayMillis)) == RescheduleReply.RESCHEDULED;
        }

        private RescheduleReply reschedule(Reschedule job) {
            return get(operations().reschedule(queue, job));
        }

        @Test
        void it_gets_another_body_and_another_time_in_one_step() {
            String id = newId();
            stored(List.of(job(id).with(JobConstraints.NONE.withGroup("a").withUnique(Unique.untilDone("k")))
                    .after(LONG_MILLIS)));
            long due = found(id).timeMillis();

            assertThat(reschedule(Reschedule.after(id, 3 * LONG_MILLIS).withBody(bytes("changed"))))
                    .isEqualTo(RescheduleReply.RESCHEDULED);

            assertThat(found(id).timeMillis()).isGreaterThan(due);
            assertThat(found(id).body()).isEqualTo(bytes("changed"));
            assertThat(found(id).constraints().group()).isEqualTo("a");
            assertThat(found(id).constraints().key()).isEqualTo("k");
            assertThat(reschedule(Reschedule.after(id, 0).withBody(bytes("now"))))
                    .isEqualTo(RescheduleReply.RESCHEDULED);
            assertThat(claimOne().body()).isEqualTo(bytes("now"));
        }

        @Test
        void a_plain_one_gets_another_body() {
            String id = delayed(1, LONG_MILLIS).get(0);

            reschedule(Reschedule.after(id, 0).withBody(bytes("another, and longer than before")));

            assertThat(claimOne().body()).isEqualTo(bytes("another, and longer than before"));
        }

        @Test
        void one_that_is_made_ready_waits_for_no_time() {
            String id = delayed(1, LONG_MILLIS).get(0);

            reschedule(id, 0);

            assertThat(found(id).state()).isEqualTo(JobState.READY);
            assertThat(found(id).timeMillis()).isZero();
        }

        @Test
        void it_may_be_due_at_a_time() {
            String id = delayed(1, LONG_MILLIS).get(0);
            long due = found(id).timeMillis() + LONG_MILLIS;

            assertThat(reschedule(new Reschedule(id, 0, due, null))).isEqualTo(RescheduleReply.RESCHEDULED);

            assertThat(found(id).timeMillis()).isEqualTo(due);
        }

        @Test
        void one_that_a_worker_has_taken_keeps_its_body() {
            Claim claim = running();
            Reschedule changed = Reschedule.after(claim.id(), LONG_MILLIS).withBody(bytes("changed"));
            assertThat(reschedule(changed)).isEqualTo(RescheduleReply.TOO_LATE);

            fail(new Completion.Retry(claim.id(), claim.token(), LONG_MILLIS, FAILURE));

            assertThat(reschedule(changed)).isEqualTo(RescheduleReply.TOO_LATE);
            assertThat(found(claim.id()).body()).isEqualTo(claim.body());
            assertThat(reschedule(claim.id(), LONG_MILLIS)).isTrue();
        }

        @Test
        void one_that_is_due_is_told_from_one_that_is_not_there() {
            String cancelled = readyOne();
            get(cancellation().cancel(queue, cancelled));

            assertThat(reschedule(Reschedule.after(readyOne(), 1))).isEqualTo(RescheduleReply.TOO_LATE);
            assertThat(reschedule(Reschedule.after(newId(), 1))).isEqualTo(RescheduleReply.NOT_FOUND);
            assertThat(reschedule(Reschedule.after(cancelled, 1))).isEqualTo(RescheduleReply.NOT_FOUND);
        }
    }
}
