package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.WorkerSnapshot;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Part of the {@link OperationsContract}. Whole queues: paused, erased and listed, with the workers that serve them.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class QueuesContract extends RedriveContract {

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
            assertThat(counts()).isEqualTo(counted(2, 0, 0, 0, 3, 1, 0));
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
    class Erase {

        private EraseReply erase(boolean running) {
            return get(operations().erase(queue, running));
        }

        private static final QueueCounts NOTHING = counted(0, 0, 0, 0, 0, 0, 0, 0, 0);

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

            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 2, 2, 0, 0, 0));
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

            assertThat(counts()).isEqualTo(counted(1, 0, 0, 0, 3, 0, 0, 0, 2));
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
            assertThat(counts()).isEqualTo(counted(0, 0, 1, 0, 1, 0, 0, 0, 0));
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
}
