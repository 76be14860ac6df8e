package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.LeaseSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Operations;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every broker's {@link Operations} do, in one nested class per method. Extend it as {@link BrokerContract}.
 *
 * <p>It comes in parts, which extend one another: {@link RemovalContract}, {@link RedriveContract},
 * {@link QueuesContract}, {@link HistoryContract}, and here what operators see of jobs, and closing.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public abstract class OperationsContract extends HistoryContract {

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
                    operations.reschedule(queue, Reschedule.after(newId(), 1)),
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
