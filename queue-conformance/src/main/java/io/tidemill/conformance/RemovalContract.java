package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Part of the {@link OperationsContract}. Jobs that are taken out of a queue: one, all in a state, and those that are
 * old.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class RemovalContract extends BrokerHarness {

    List<RedriveReply> redrive(String... ids) {
        return get(operations()
                .redrive(queue, List.of(ids).stream().map(Redrive::now).toList()));
    }

    DeleteReply delete(String id) {
        return get(operations().delete(queue, id));
    }

    PurgeReply purge(JobState state, int limit) {
        return get(operations().purge(queue, state, limit));
    }

    /** This many dead jobs, the first to die first. */
    List<String> dead(int count) {
        List<String> ids = ready(count);
        killAll();
        return ids;
    }

    /** A job that holds a key until it is done, and must have started soon. */
    static NewJob uniqueAndExpiring(String id) {
        return job(id).with(new JobConstraints(Unique.untilDone("key"), null, SHORT_MILLIS));
    }

    /** Lets everything that is ready die. */
    void killAll() {
        get(broker().fail(
                        queue,
                        claim(Broker.MAX_BATCH).claims().stream()
                                .<Completion.Failed>map(it -> new Completion.Dead(it.id(), it.token(), FAILURE))
                                .toList()));
    }

    @Nested
    class Delete {

        @Test
        void a_dead_job_is_gone_and_counted() {
            String id = dead(1).get(0);

            assertThat(delete(id)).isEqualTo(DeleteReply.DELETED);

            assertThat(find(id)).isEmpty();
            assertThat(list(JobState.DEAD)).isEmpty();
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 0, 0, 0, 1));
            assertThat(redrive(id)).containsExactly(RedriveReply.NOT_DEAD);
        }

        @Test
        void a_ready_job_is_gone_at_once_and_never_runs() {
            List<String> ids = ready(3);

            assertThat(delete(ids.get(1))).isEqualTo(DeleteReply.DELETED);

            assertThat(find(ids.get(1))).isEmpty();
            assertThat(counts()).isEqualTo(counted(2, 0, 0, 0, 3, 0, 0, 0, 1));
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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 4, 0, 0, 0, 4));
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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 5000, 0, 0, 0, 5000));
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
            assertThat(counts()).isEqualTo(counted(1, 0, 0, 0, 3, 0, 0, 0, 2));
        }

        @Test
        void cancelled_jobs_are_not_counted_again() {
            List<String> ids = ready(3);
            get(cancellation().cancel(queue, ids.get(0)));
            delete(ids.get(1));

            while (purge(JobState.READY, 1).hasMore()) {
                assertThat(counts().ready()).isEqualTo(1);
            }

            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 3, 0, 1, 0, 2));
        }

        @Test
        void other_states_stay() {
            Claim active = running();
            String dead = dead(1).get(0);
            String scheduled = delayed(1, LONG_MILLIS).get(0);
            readyOne();

            purge(JobState.READY, 10);

            assertThat(counts()).isEqualTo(counted(0, 1, 1, 1, 4, 0, 0, 0, 1));
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
            for (JobState state : EnumSet.complementOf(EnumSet.of(
                    JobState.READY, JobState.SCHEDULED, JobState.WAITING, JobState.DEAD, JobState.SUCCEEDED))) {
                assertThatThrownBy(() -> purge(state, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("jobs can be purged that are READY, SCHEDULED, WAITING, DEAD or SUCCEEDED, got "
                                + state);
            }
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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 2, 3, 0, 0, 0, 1));
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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 500, 5000, 0, 0, 0, 4500));
        }

        @Test
        void only_dead_jobs_go() {
            ready(1);
            delayed(1, LONG_MILLIS);

            assertThat(trim(0, 0, 100)).isZero();

            assertThat(list(JobState.READY)).extracting(JobSnapshot::state).containsExactly(JobState.READY);
        }
    }
}
