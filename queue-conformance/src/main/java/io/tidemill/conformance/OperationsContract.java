package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Operations;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What every broker's {@link Operations} do, in one nested class per method. Extend it as {@link BrokerContract}. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class OperationsContract extends BrokerHarness {

    private List<RedriveReply> redrive(String... ids) {
        return get(operations()
                .redrive(queue, List.of(ids).stream().map(Redrive::now).toList()));
    }

    private DeleteReply delete(String id) {
        return get(operations().delete(queue, id));
    }

    private PurgeReply purge(JobState state, int limit) {
        return get(operations().purge(queue, state, limit));
    }

    /** This many dead jobs, the first to die first. */
    private List<String> dead(int count) {
        List<String> ids = ready(count);
        killAll();
        return ids;
    }

    /** A job that holds a key until it is done, and must have started soon. */
    private static NewJob uniqueAndExpiring(String id) {
        return job(id).with(new JobConstraints(Unique.untilDone("key"), null, SHORT_MILLIS));
    }

    /** Lets everything that is ready die. */
    private void killAll() {
        get(broker().fail(
                        queue,
                        claim(Broker.MAX_BATCH).claims().stream()
                                .<Completion.Failed>map(it -> new Completion.Dead(it.id(), it.token(), FAILURE))
                                .toList()));
    }

    /** Jobs that wait in groups, held up by a limit or not. */
    @Nested
    class Groups {

        private NewJob grouped(String id, String group) {
            return job(id).with(new JobConstraints(null, group, 0));
        }

        private void oneOfEachGroupAtATime() {
            get(limits().limit(queue, LimitScope.GROUPS, Limits.of(List.of(Limit.concurrency(1)))));
        }

        @Test
        void a_redriven_job_waits_in_its_group_again() {
            oneOfEachGroupAtATime();
            stored(List.of(grouped("a1", "a")));
            killAll();
            stored(List.of(grouped("a2", "a")));
            Claim running = claim(10).claims().get(0);

            assertThat(redrive("a1")).containsExactly(RedriveReply.REDRIVEN);

            assertThat(counts().ready()).isEqualTo(1);
            assertThat(ids(claim(10))).isEmpty();
            get(broker().complete(queue, List.of(Completion.Succeeded.of(running, null, 0)), null));
            assertThat(ids(claim(10))).containsExactly("a1");
        }

        @Test
        void a_deleted_job_of_a_group_never_runs() {
            stored(List.of(grouped("a1", "a"), grouped("a2", "a"), grouped("b1", "b")));

            assertThat(delete("a1")).isEqualTo(DeleteReply.DELETED);
            assertThat(delete("b1")).isEqualTo(DeleteReply.DELETED);

            assertThat(counts().ready()).isEqualTo(1);
            assertThat(ids(claim(10))).containsExactly("a2");
        }

        @Test
        void purging_ready_jobs_reaches_those_that_wait_in_groups() {
            oneOfEachGroupAtATime();
            NewJob unique = job("b2").with(new JobConstraints(Unique.untilDone("key"), "b", 0));
            stored(List.of(grouped("a1", "a"), grouped("b1", "b"), grouped("a2", "a"), unique, grouped("a3", "a")));
            assertThat(ids(claim(10))).containsExactly("a1", "b1");
            stored(List.of(grouped("c1", "c"), grouped("c2", "c"), job("plain")));

            assertThat(purge(JobState.READY, 2)).isEqualTo(new PurgeReply(2, true));
            assertThat(counts().ready()).isEqualTo(4);
            assertThat(purge(JobState.READY, 10)).isEqualTo(new PurgeReply(4, false));

            assertThat(counts().ready()).isZero();
            assertThat(counts().active()).isEqualTo(2);
            assertThat(counts().removed()).isEqualTo(6);
            stored(List.of(unique, grouped("c3", "c")));
            assertThat(ids(claim(10))).containsExactly("c3");
        }

        @Test
        void a_paused_queue_hands_out_no_groups() {
            stored(List.of(grouped("a1", "a")));
            get(operations().pause(queue));

            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);

            get(operations().resume(queue));
            assertThat(ids(claim(10))).containsExactly("a1");
        }

        @Test
        void a_ready_job_says_how_many_run_before_it_group_by_group() {
            stored(List.of(job("plain"), grouped("a1", "a"), grouped("b1", "b"), grouped("a2", "a")));

            assertThat(get(operations().inspect(queue, "a2")).orElseThrow().ahead())
                    .isEqualTo(2);
            assertThat(get(operations().inspect(queue, "b1")).orElseThrow().ahead())
                    .isEqualTo(3);
        }
    }

    @Nested
    class Pause {

        @Test
        void a_paused_queue_hands_out_nothing_and_says_that_there_is_nothing_more() {
            ready(3);

            assertThat(get(operations().pause(queue))).isTrue();

            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);
            assertThat(counts().ready()).isEqualTo(3);
        }

        @Test
        void a_resumed_queue_hands_out_again_in_the_old_order() {
            List<String> ids = ready(3);
            get(operations().pause(queue));
            claim(10);

            assertThat(get(operations().resume(queue))).isTrue();

            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void pausing_and_resuming_twice_is_the_same_as_once() {
            assertThat(get(operations().resume(queue))).isFalse();
            assertThat(get(operations().pause(queue))).isTrue();
            assertThat(get(operations().pause(queue))).isFalse();
            assertThat(get(operations().isPaused(queue))).isTrue();
            assertThat(get(operations().resume(queue))).isTrue();
            assertThat(get(operations().resume(queue))).isFalse();
            assertThat(get(operations().isPaused(queue))).isFalse();
        }

        @Test
        void a_pause_is_seen_by_other_processes() {
            readyOne();
            Broker other = another();

            get(other.operations().pause(queue));

            assertThat(claim(10).claims()).isEmpty();
            assertThat(get(operations().isPaused(queue))).isTrue();
        }

        @Test
        void other_queues_go_on() {
            get(operations().pause(queue + "-other"));

            String id = readyOne();

            assertThat(claimOne().id()).isEqualTo(id);
        }

        @Test
        void what_runs_is_recorded_and_the_same_call_claims_nothing() {
            Claim claim = running();
            ready(2);
            get(operations().pause(queue));

            var reply = get(broker().complete(queue, List.of(succeeded(claim)), request(newId(), 5, LONG_MILLIS)));

            assertThat(reply.claimed()).isEqualTo(ClaimReply.EMPTY);
            assertThat(counts()).isEqualTo(new QueueCounts(2, 0, 0, 0, 3, 1, 0));
        }

        @Test
        void a_claim_from_before_the_pause_is_answered_again_with_what_its_token_holds() {
            List<String> ids = ready(2);
            String token = newId();
            claim(token, 1, LONG_MILLIS);
            get(operations().pause(queue));

            assertThat(ids(claim(token, 1, LONG_MILLIS))).isEqualTo(ids.subList(0, 1));
        }

        @Test
        void delayed_jobs_become_ready_when_they_are_due() {
            List<String> ids = delayed(2, SHORT_MILLIS);
            get(operations().pause(queue));
            letItEnd();

            claim(10);

            assertThat(counts().ready()).isEqualTo(2);
            get(operations().resume(queue));
            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void a_retry_without_a_delay_waits_too() {
            Claim claim = running();
            get(operations().pause(queue));

            retry(claim, 0);

            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);
            assertThat(stateOf(claim.id())).isNotEqualTo(JobState.ACTIVE);
            get(operations().resume(queue));
            assertThat(claimOne().id()).isEqualTo(claim.id());
        }

        @Test
        void a_redriven_job_waits_too() {
            String id = dead(1).get(0);
            get(operations().pause(queue));

            redrive(id);

            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);
            get(operations().resume(queue));
            assertThat(claimOne().id()).isEqualTo(id);
        }

        @Test
        void a_lease_that_ends_is_recovered() {
            Claim claim = running(SHORT_MILLIS);
            get(operations().pause(queue));
            letItEnd();

            assertThat(named(recover().recovered())).containsExactly(claim.id());

            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void resuming_wakes_a_worker_that_came_in_vain() {
            RecordingListener listener = new RecordingListener(patience());
            listen("worker-idle", listener);
            get(operations().pause(queue));
            readyOne();
            get(broker().claim(queue, new ClaimRequest("worker-idle", newId(), 1, LONG_MILLIS)));
            listener.forget();

            get(operations().resume(queue));

            listener.await("ready " + queue);
        }
    }

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
            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 0, 0, 1, 0, 0));
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
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
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
    class Reschedule {

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
            return get(operations().reschedule(queue, id, delayMillis));
        }
    }

    @Nested
    class Delete {

        @Test
        void a_dead_job_is_gone_and_counted() {
            String id = dead(1).get(0);

            assertThat(delete(id)).isEqualTo(DeleteReply.DELETED);

            assertThat(find(id)).isEmpty();
            assertThat(list(JobState.DEAD)).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 0, 0, 0, 1));
            assertThat(redrive(id)).containsExactly(RedriveReply.NOT_DEAD);
        }

        @Test
        void a_ready_job_is_gone_at_once_and_never_runs() {
            List<String> ids = ready(3);

            assertThat(delete(ids.get(1))).isEqualTo(DeleteReply.DELETED);

            assertThat(find(ids.get(1))).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(2, 0, 0, 0, 3, 0, 0, 0, 1));
            assertThat(ids(claim(10))).containsExactly(ids.get(0), ids.get(2));
        }

        @Test
        void a_scheduled_job_is_gone_and_its_id_is_free() {
            String id = delayed(1, LONG_MILLIS).get(0);

            assertThat(delete(id)).isEqualTo(DeleteReply.DELETED);

            assertThat(find(id)).isEmpty();
            assertThat(enqueue(broker(), List.of(job(id)))).containsExactly(EnqueueReply.ACCEPTED);
        }

        @Test
        void a_running_job_is_left_alone() {
            Claim claim = running();

            assertThat(delete(claim.id())).isEqualTo(DeleteReply.ACTIVE);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
        }

        @Test
        void what_ended_or_never_was_is_not_found() {
            Claim claim = running();
            complete(claim);
            String cancelled = readyOne();
            get(cancellation().cancel(queue, cancelled));
            String deleted = readyOne();
            delete(deleted);

            assertThat(List.of(delete(claim.id()), delete(cancelled), delete(deleted), delete(newId())))
                    .containsOnly(DeleteReply.NOT_FOUND);
            assertThat(counts().removed()).isEqualTo(1);
        }

        @Test
        void its_unique_key_is_free_and_it_does_not_expire() {
            for (long delayMillis : new long[] {0, LONG_MILLIS}) {
                String id = newId();
                stored(List.of(uniqueAndExpiring(id).after(delayMillis)));

                assertThat(delete(id)).isEqualTo(DeleteReply.DELETED);

                letItEnd();
                assertThat(named(get(sweeps().expire(queue, 10)))).isEmpty();
                String next = newId();
                stored(List.of(uniqueAndExpiring(next)));
                delete(next);
            }
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 4, 0, 0, 0, 4));
        }

        @Test
        void whoever_awaits_it_hears_of_its_end() {
            String id = readyOne();
            RecordingListener listener = new RecordingListener(patience());
            listenTo(null, Set.of(queue), listener);
            get(lookUp().find(queue, id, true));

            delete(id);

            listener.await("finished " + queue + " " + id);
        }
    }

    @Nested
    class Purge {

        @Test
        void five_thousand_ready_jobs_go_in_bounded_steps() {
            goInBoundedSteps(JobState.READY);
        }

        @Test
        void five_thousand_scheduled_jobs_go_in_bounded_steps() {
            goInBoundedSteps(JobState.SCHEDULED);
        }

        @Test
        void five_thousand_dead_jobs_go_in_bounded_steps() {
            goInBoundedSteps(JobState.DEAD);
        }

        private void goInBoundedSteps(JobState state) {
            for (int i = 0; i < 5; i++) {
                switch (state) {
                    case READY -> ready(Broker.MAX_BATCH);
                    case SCHEDULED -> delayed(Broker.MAX_BATCH, LONG_MILLIS);
                    default -> dead(Broker.MAX_BATCH);
                }
            }
            for (int left = 4; left >= 0; left--) {
                assertThat(purge(state, Broker.MAX_BATCH)).isEqualTo(new PurgeReply(Broker.MAX_BATCH, left > 0));
            }

            assertThat(purge(state, Broker.MAX_BATCH)).isEqualTo(new PurgeReply(0, false));
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 5000, 0, 0, 0, 5000));
        }

        @Test
        void ready_jobs_go_in_the_order_in_which_they_would_run() {
            List<String> plain = ready(3);
            String high = newId();
            String low = newId();
            stored(List.of(job(low, 1), job(high, 8)));

            assertThat(purge(JobState.READY, 2)).isEqualTo(new PurgeReply(2, true));

            assertThat(ids(list(JobState.READY))).containsExactly(plain.get(1), plain.get(2), low);
            assertThat(purge(JobState.READY, 10)).isEqualTo(new PurgeReply(3, false));
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void their_unique_keys_are_free_and_they_do_not_expire() {
            for (JobState state : List.of(JobState.READY, JobState.SCHEDULED)) {
                stored(List.of(uniqueAndExpiring(newId()).after(state == JobState.READY ? 0 : LONG_MILLIS)));

                assertThat(purge(state, 10)).isEqualTo(new PurgeReply(1, false));

                letItEnd();
                assertThat(named(get(sweeps().expire(queue, 10)))).isEmpty();
            }
            stored(List.of(uniqueAndExpiring(newId())));
            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 0, 0, 3, 0, 0, 0, 2));
        }

        @Test
        void cancelled_jobs_are_not_counted_again() {
            List<String> ids = ready(3);
            get(cancellation().cancel(queue, ids.get(0)));
            delete(ids.get(1));

            while (purge(JobState.READY, 1).hasMore()) {
                assertThat(counts().ready()).isEqualTo(1);
            }

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 3, 0, 1, 0, 2));
        }

        @Test
        void other_states_stay() {
            Claim active = running();
            String dead = dead(1).get(0);
            String scheduled = delayed(1, LONG_MILLIS).get(0);
            readyOne();

            purge(JobState.READY, 10);

            assertThat(counts()).isEqualTo(new QueueCounts(0, 1, 1, 1, 4, 0, 0, 0, 1));
            assertThat(stateOf(active.id())).isEqualTo(JobState.ACTIVE);
            assertThat(stateOf(dead)).isEqualTo(JobState.DEAD);
            assertThat(stateOf(scheduled)).isEqualTo(JobState.SCHEDULED);
        }

        @Test
        void the_oldest_dead_jobs_go_first() {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                ids.addAll(dead(1));
                letItEnd();
            }

            purge(JobState.DEAD, 2);

            assertThat(ids(list(JobState.DEAD))).containsExactly(ids.get(2));
        }

        @Test
        void whoever_awaits_a_job_hears_of_its_end() {
            String id = delayed(1, LONG_MILLIS).get(0);
            RecordingListener listener = new RecordingListener(patience());
            listenTo(null, Set.of(queue), listener);
            get(lookUp().find(queue, id, true));

            purge(JobState.SCHEDULED, 10);

            listener.await("finished " + queue + " " + id);
        }

        @Test
        void no_other_state_can_be_purged() {
            for (JobState state : EnumSet.complementOf(EnumSet.of(JobState.READY, JobState.SCHEDULED, JobState.DEAD))) {
                assertThatThrownBy(() -> purge(state, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("jobs can be purged that are READY, SCHEDULED or DEAD, got " + state);
            }
        }
    }

    @Nested
    class Erase {

        private EraseReply erase(boolean running) {
            return get(operations().erase(queue, running));
        }

        private static final QueueCounts NOTHING = new QueueCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);

        @Test
        void a_queue_without_jobs_goes_with_its_name_its_counts_its_limits_and_its_pause() {
            completeAll(ready(3));
            get(limits().limit(queue, LimitScope.QUEUE, Limits.of(List.of(Limit.concurrency(1)))));
            get(limits().limit(queue, LimitScope.group("g"), Limits.of(List.of(Limit.concurrency(2)))));
            get(operations().pause(queue));

            assertThat(erase(false)).isEqualTo(EraseReply.ERASED);

            assertThat(counts()).isEqualTo(NOTHING);
            assertThat(get(operations().queues())).doesNotContain(queue);
            assertThat(get(limits().limits(queue))).isEqualTo(QueueLimits.NONE);
            assertThat(get(operations().isPaused(queue))).isFalse();
            assertThat(erase(false)).as("nothing is left to remove").isEqualTo(EraseReply.ERASED);
        }

        @Test
        void a_queue_that_is_used_again_begins_anew_and_is_listed() {
            completeAll(ready(3));
            erase(false);

            completeAll(ready(2));

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 2, 2, 0, 0, 0));
            assertThat(get(operations().queues())).contains(queue);
        }

        @Test
        void a_queue_with_jobs_stays_whatever_their_state() {
            String id = readyOne();
            assertThat(erase(true)).as("ready").isEqualTo(EraseReply.HAS_JOBS);
            Claim claim = claim(1).claims().get(0);
            assertThat(erase(false)).as("active").isEqualTo(EraseReply.HAS_JOBS);
            get(broker().fail(queue, List.of(new Completion.Dead(id, claim.token(), FAILURE))));
            assertThat(erase(true)).as("dead").isEqualTo(EraseReply.HAS_JOBS);
            purge(JobState.DEAD, 1);
            delayed(1, LONG_MILLIS);
            assertThat(erase(true)).as("scheduled").isEqualTo(EraseReply.HAS_JOBS);
            purge(JobState.SCHEDULED, 1);
            stored(List.of(job(newId()).with(JobConstraints.NONE.withGroup("g"))));
            assertThat(erase(true)).as("in a group").isEqualTo(EraseReply.HAS_JOBS);

            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 0, 0, 3, 0, 0, 0, 2));
        }

        @Test
        void a_queue_that_a_worker_serves_stays() {
            get(operations().register(queue, "w1", bytes("one"), LONG_MILLIS));

            assertThat(erase(true)).isEqualTo(EraseReply.HAS_WORKERS);

            assertThat(get(operations().queues())).contains(queue);
            get(operations().register(queue, "w1", bytes("one"), 0));
            assertThat(erase(true)).isEqualTo(EraseReply.ERASED);
        }

        @Test
        void jobs_that_run_are_taken_out_if_wanted_and_give_back_what_they_hold() {
            get(limits().limit(queue, LimitScope.GROUPS, Limits.of(List.of(Limit.concurrency(1)))));
            String id = newId();
            NewJob job = job(id).with(new JobConstraints(Unique.untilDone("key"), "g", 0));
            stored(List.of(job));
            Claim lost = claim(1).claims().get(0);
            RecordingListener listener = new RecordingListener(patience());
            listenTo(null, Set.of(queue), listener);
            get(lookUp().find(queue, id, true));

            assertThat(erase(true)).isEqualTo(EraseReply.MORE);
            assertThat(erase(true)).isEqualTo(EraseReply.ERASED);

            listener.await("finished " + queue + " " + id);
            assertThat(get(broker().complete(queue, List.of(Completion.Succeeded.of(lost, null, 0)), null))
                            .settled())
                    .containsExactly(CompletionReply.STALE);
            get(limits().limit(queue, LimitScope.GROUPS, Limits.of(List.of(Limit.concurrency(1)))));
            stored(List.of(job));
            assertThat(ids(claim(1))).containsExactly(id);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 1, 0, 1, 0, 0, 0, 0));
        }

        @Test
        void a_job_that_went_with_its_queue_did_not_succeed() {
            String id = newId();
            EnqueueReply.Accepted accepted = (EnqueueReply.Accepted)
                    get(broker().enqueue(queue, List.of(job(id)))).get(0);
            claim(1);

            assertThat(erase(true)).isEqualTo(EraseReply.MORE);
            assertThat(get(lookUp().find(queue, id, false, accepted.receipt()))).isEmpty();
            assertThat(erase(true)).isEqualTo(EraseReply.ERASED);

            assertThat(get(lookUp().find(queue, id, false, accepted.receipt()))).isEmpty();
            readyOne();
            assertThat(get(lookUp().find(queue, id, false, accepted.receipt()))).isEmpty();
        }

        @Test
        void jobs_that_run_go_in_bounded_steps() {
            for (int i = 0; i < 3; i++) {
                ready(600);
                claim(newId(), 600, LONG_MILLIS);
            }

            for (int left = 2; left >= 0; left--) {
                assertThat(erase(true)).isEqualTo(EraseReply.MORE);
                assertThat(counts().active()).isEqualTo(600L * left);
            }

            assertThat(erase(true)).isEqualTo(EraseReply.ERASED);
            assertThat(counts()).isEqualTo(NOTHING);
        }

        @Test
        void jobs_that_ended_while_they_were_ready_keep_no_queue() {
            List<String> ids = ready(2);
            String grouped = newId();
            stored(List.of(job(grouped).with(JobConstraints.NONE.withGroup("g")), job(newId(), 9)));
            for (String id : List.of(ids.get(0), ids.get(1), grouped)) {
                delete(id);
            }
            get(cancellation().cancel(queue, ids(list(JobState.READY)).get(0)));
            assertThat(counts().ready()).isZero();

            assertThat(erase(false)).isEqualTo(EraseReply.ERASED);

            stored(List.of(job(ids.get(0)), job(grouped)));
            assertThat(ids(claim(10))).containsExactly(ids.get(0), grouped);
        }

        private void completeAll(List<String> ids) {
            List<Completion.Succeeded> done = claim(ids.size()).claims().stream()
                    .map(it -> Completion.Succeeded.of(it, null, 0))
                    .toList();
            get(broker().complete(queue, done, null));
        }
    }

    @Nested
    class Trim {

        private int trim(long keep, long maxAgeMillis, int limit) {
            return get(sweeps().trim(queue, keep, maxAgeMillis, limit));
        }

        @Test
        void the_newest_dead_jobs_stay() {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                ids.addAll(dead(1));
                letItEnd();
            }

            assertThat(trim(2, LONG_MILLIS, 100)).isEqualTo(1);

            assertThat(ids(list(JobState.DEAD))).containsExactly(ids.get(2), ids.get(1));
            assertThat(find(ids.get(0))).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 2, 3, 0, 0, 0, 1));
        }

        @Test
        void old_dead_jobs_go() {
            dead(2);
            letItEnd();
            String young = dead(1).get(0);
            // As much again, so that a slow machine does not make the young one old.
            int trimmed = trim(100, LONG_MILLIS, 100);

            assertThat(trimmed).isZero();
            assertThat(trim(100, 0, 100)).isEqualTo(3);
            assertThat(find(young)).isEmpty();
        }

        @Test
        void nothing_is_done_when_all_are_few_and_young() {
            dead(3);

            assertThat(trim(3, LONG_MILLIS, 100)).isZero();

            assertThat(counts().dead()).isEqualTo(3);
        }

        @Test
        void five_thousand_go_in_bounded_steps() {
            for (int i = 0; i < 5; i++) {
                dead(Broker.MAX_BATCH);
            }

            for (int i = 0; i < 4; i++) {
                assertThat(trim(500, LONG_MILLIS, Broker.MAX_BATCH)).isEqualTo(Broker.MAX_BATCH);
            }
            assertThat(trim(500, LONG_MILLIS, Broker.MAX_BATCH)).isEqualTo(500);
            assertThat(trim(500, LONG_MILLIS, Broker.MAX_BATCH)).isZero();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 500, 5000, 0, 0, 0, 4500));
        }

        @Test
        void only_dead_jobs_go() {
            ready(1);
            delayed(1, LONG_MILLIS);

            assertThat(trim(0, 0, 100)).isZero();

            assertThat(list(JobState.READY)).extracting(JobSnapshot::state).containsExactly(JobState.READY);
        }
    }

    @Nested
    class Inspect {

        private Inspection inspect(String id) {
            return get(operations().inspect(queue, id)).orElseThrow();
        }

        @Test
        void an_unknown_job_is_not_found() {
            assertThat(get(operations().inspect(queue, newId()))).isEmpty();
        }

        @Test
        void it_shows_what_find_shows() {
            List<String> ids = new ArrayList<>(ready(2));
            ids.addAll(delayed(1, LONG_MILLIS));
            get(cancellation().cancel(queue, ids.get(0)));
            for (String id : ids) {
                assertThat(inspect(id).job())
                        .usingRecursiveComparison()
                        .as("job %s", id)
                        .isEqualTo(found(id));
            }
            String deleted = ids.get(1);
            delete(deleted);
            assertThat(get(operations().inspect(queue, deleted))).isEmpty();
        }

        @Test
        void a_ready_job_says_how_many_run_before_it() {
            List<String> ids = ready(3);
            String high = newId();
            String low = newId();
            stored(List.of(job(high, 9), job(low, 0)));

            assertThat(List.of(high, ids.get(0), ids.get(2), low))
                    .extracting(id -> inspect(id).ahead())
                    .containsExactly(0, 1, 3, 4);
        }

        @Test
        void nobody_counts_further_than_a_thousand() {
            ready(Broker.MAX_BATCH);
            List<String> later = ready(3);
            String low = newId();
            stored(List.of(job(low, 2)));

            assertThat(inspect(later.get(2)).ahead()).isEqualTo(Inspection.MOST_AHEAD);
            assertThat(inspect(low).ahead()).isEqualTo(Inspection.MOST_AHEAD);
        }

        @Test
        void an_active_job_says_under_which_lease_and_until_when() {
            String id = readyOne();
            String token = newId();
            claim(token, 1, LONG_MILLIS);

            Inspection seen = inspect(id);

            assertThat(seen.job().state()).isEqualTo(JobState.ACTIVE);
            assertThat(seen.token()).isEqualTo(token);
            LeaseSnapshot lease = get(operations().leases(queue, 10)).get(0);
            assertThat(lease).isEqualTo(new LeaseSnapshot(token, seen.leaseEndsMillis(), List.of(id)));
        }

        @Test
        void it_says_whether_the_queue_is_paused() {
            String id = readyOne();
            assertThat(inspect(id).isPaused()).isFalse();

            get(operations().pause(queue));

            assertThat(inspect(id).isPaused()).isTrue();
        }

        @Test
        void leases_are_listed_by_their_end() {
            ready(3);
            String later = newId();
            String sooner = newId();
            claim(later, 1, 2 * LONG_MILLIS);
            claim(sooner, 2, LONG_MILLIS);

            List<LeaseSnapshot> leases = get(operations().leases(queue, 10));

            assertThat(leases).extracting(LeaseSnapshot::token).containsExactly(sooner, later);
            assertThat(leases).extracting(lease -> lease.jobs().size()).containsExactly(2, 1);
            assertThat(get(operations().leases(queue, 1))).hasSize(1);
        }
    }

    @Nested
    class Workers {

        @Test
        void a_worker_is_listed_until_its_time_is_over() {
            get(operations().register(queue, "w-short", bytes("one"), SHORT_MILLIS));
            get(operations().register(queue, "w-long", bytes("two"), LONG_MILLIS));
            letItEnd();

            List<WorkerSnapshot> workers = get(operations().workers(queue));

            assertThat(workers).extracting(WorkerSnapshot::worker).containsExactly("w-long");
            assertThat(workers.get(0).info()).isEqualTo(bytes("two"));
            assertThat(workers.get(0).seenMillis()).isPositive();
        }

        @Test
        void a_worker_that_leaves_is_not_listed() {
            get(operations().register(queue, "w1", bytes("one"), LONG_MILLIS));

            get(operations().register(queue, "w1", bytes("one"), 0));

            assertThat(get(operations().workers(queue))).isEmpty();
        }

        @Test
        void what_it_says_comes_back_byte_for_byte() {
            get(operations().register(queue, "w1", everyByte(), LONG_MILLIS));

            assertThat(get(operations().workers(queue)).get(0).info()).isEqualTo(everyByte());
        }

        @Test
        void a_queue_is_listed_once_something_was_stored_in_it() {
            assertThat(get(operations().queues())).doesNotContain(queue);
            counts();
            assertThat(get(operations().queues())).as("looking is not using").doesNotContain(queue);

            readyOne();

            assertThat(get(another().operations().queues())).contains(queue);
        }

        @Test
        void a_queue_is_listed_once_a_worker_serves_it() {
            get(operations().register(queue, "w1", bytes("one"), LONG_MILLIS));

            assertThat(get(operations().queues())).contains(queue);
        }
    }

    @Nested
    class Closing {

        @Test
        void a_closed_broker_refuses_every_call() {
            Broker closed = newBroker();
            closed.open();
            closed.close();
            Operations operations = closed.operations();

            List<CompletableFuture<?>> calls = List.of(
                    operations.pause(queue),
                    operations.resume(queue),
                    operations.isPaused(queue),
                    operations.redrive(queue, List.of(Redrive.now(newId()))),
                    operations.reschedule(queue, newId(), 1),
                    operations.delete(queue, newId()),
                    operations.purge(queue, JobState.DEAD, 1),
                    closed.sweeps().trim(queue, 1, 1, 1),
                    operations.erase(queue, true),
                    operations.inspect(queue, newId()),
                    operations.leases(queue, 1),
                    operations.queues(),
                    operations.register(queue, newId(), FAILURE, 1),
                    operations.workers(queue));

            assertThat(calls)
                    .allSatisfy(call -> assertThatThrownBy(() -> get(call))
                            .isInstanceOfSatisfying(
                                    BrokerException.class,
                                    e -> assertThat(e.outcome()).isEqualTo(BrokerException.Outcome.REFUSED)));
        }
    }
}
