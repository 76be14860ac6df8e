package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The part of the {@link BrokerContract} that is about jobs that are kept after they succeeded. */
public abstract class KeptJobsContract extends BrokerHarness {

    private static final long MANY = 1000;

    private Completion.Succeeded kept(Claim claim, long millis) {
        return succeeded(claim).keeping(keep(millis, MANY, 0));
    }

    /** A job that succeeded and is kept for so long. */
    private String keptFor(long millis) {
        Claim claim = running();
        complete(kept(claim, millis));
        return claim.id();
    }

    private Completion.Keep keep(long millis, long newest, long ranMillis) {
        need(Ability.KEEPING);
        return new Completion.Keep(millis, newest, ranMillis);
    }

    private long kept() {
        return counts().kept();
    }

    @Nested
    class Keeping {

        @Test
        void a_kept_job_is_found_with_everything_that_its_record_says() {
            String id = readyOne();
            fail(new Completion.Retry(id, claimOne().token(), 0, FAILURE));
            release(claimOne(), 0);
            Claim claim = claimOne();
            complete(Completion.Succeeded.of(claim, bytes("42"), LONG_MILLIS).keeping(keep(LONG_MILLIS, MANY, 12_345)));

            JobSnapshot job = found(id);

            assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(job.body()).isEqualTo(claim.body());
            assertThat(job.priority()).isEqualTo(claim.priority());
            assertThat(job.failures()).isEqualTo(1);
            assertThat(job.releases()).isEqualTo(1);
            assertThat(job.failure()).isEqualTo(FAILURE);
            assertThat(job.result()).isEqualTo(bytes("42"));
            assertThat(job.timeMillis() - job.startedMillis()).isEqualTo(12_345);
        }

        @Test
        void the_time_at_which_it_finished_is_that_of_the_broker() {
            String first = keptFor(LONG_MILLIS);
            letItEnd();
            String second = keptFor(LONG_MILLIS);

            assertThat(found(second).timeMillis() - found(first).timeMillis()).isGreaterThanOrEqualTo(SHORT_MILLIS);
        }

        @Test
        void kept_jobs_are_listed_and_counted_the_last_to_be_forgotten_first() {
            String first = keptFor(LONG_MILLIS);
            String last = keptFor(3 * LONG_MILLIS);
            String middle = keptFor(2 * LONG_MILLIS);

            assertThat(ids(list(JobState.SUCCEEDED))).containsExactly(last, middle, first);
            assertThat(ids(get(lists().list(queue, JobState.SUCCEEDED, 1, 1)))).containsExactly(middle);
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 3, 3, 0, 0, 0, 3));
        }

        @Test
        void what_is_listed_is_what_is_found() {
            String id = keptFor(LONG_MILLIS);

            JobSnapshot listed = list(JobState.SUCCEEDED).get(0);

            assertThat(listed).usingRecursiveComparison().isEqualTo(found(id));
        }

        @Test
        void a_job_without_keep_is_not_kept() {
            Claim claim = running();
            complete(claim);

            assertThat(find(claim.id())).isEmpty();
            assertThat(kept()).isZero();
        }

        @Test
        void a_kept_job_is_forgotten_after_its_time() {
            String brief = keptFor(SHORT_MILLIS);
            String id = keptFor(LONG_MILLIS);
            letItEnd();

            assertThat(find(brief)).isEmpty();
            assertThat(ids(list(JobState.SUCCEEDED))).containsExactly(id);
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 2, 2, 0, 0, 0, 1));
        }

        @Test
        void only_the_newest_are_kept() {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Claim claim = running();
                complete(succeeded(claim).keeping(keep(LONG_MILLIS + i, 3, 0)));
                ids.add(claim.id());
            }

            assertThat(ids(list(JobState.SUCCEEDED))).containsExactly(ids.get(4), ids.get(3), ids.get(2));
            assertThat(find(ids.get(0))).isEmpty();
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 5, 5, 0, 0, 0, 3));
        }

        @Test
        void one_call_forgets_a_thousand_at_most() {
            List<Claim> claims = claimed(1000);
            completeAll(claims, MANY + 100);
            completeAll(claimed(101), MANY + 100);
            assertThat(kept()).isEqualTo(1100);

            completeAll(claimed(1), 1);

            assertThat(kept()).isEqualTo(101);
        }

        private List<Claim> claimed(int count) {
            ready(count);
            return claim(count).claims();
        }

        private void completeAll(List<Claim> claims, long newest) {
            Completion.Keep keep = keep(LONG_MILLIS, newest, 0);
            get(broker().complete(
                            queue,
                            claims.stream()
                                    .map(claim -> succeeded(claim).keeping(keep))
                                    .toList(),
                            null));
        }

        @Test
        void a_result_is_forgotten_before_the_job_that_is_kept_longer() {
            Claim claim = running();
            complete(Completion.Succeeded.of(claim, bytes("42"), SHORT_MILLIS).keeping(keep(LONG_MILLIS, MANY, 0)));
            letItEnd();

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
            assertThat(found(claim.id()).result()).isNull();
        }

        @Test
        void a_result_that_is_kept_longer_stays_when_the_job_is_forgotten() {
            Claim claim = running();
            complete(Completion.Succeeded.of(claim, bytes("42"), LONG_MILLIS).keeping(keep(SHORT_MILLIS, MANY, 0)));
            letItEnd();

            assertThat(found(claim.id()).body()).isNull();
            assertThat(found(claim.id()).result()).isEqualTo(bytes("42"));
        }

        @Test
        void an_id_is_known_as_long_as_its_job_is_kept() {
            String brief = keptFor(SHORT_MILLIS);
            String id = keptFor(LONG_MILLIS);
            letItEnd();

            assertThat(enqueue(broker(), List.of(job(id)))).containsExactly(duplicateOf(id));

            stored(List.of(job(brief)));
            assertThat(stateOf(brief)).isEqualTo(JobState.READY);
        }

        @Test
        void a_kept_job_has_let_go_of_its_key() {
            Unique unique = Unique.untilDone("key-of-kept");
            stored(List.of(job(newId()).with(constraints(unique))));
            complete(kept(claimOne(), LONG_MILLIS));

            stored(List.of(job(newId()).with(constraints(unique))));
        }

        @Test
        void a_kept_job_is_not_replaced_while_its_window_lasts() {
            Unique unique = Unique.within("key-of-kept", LONG).onConflict(Unique.Conflict.REPLACE);
            String id = stored(List.of(job(newId()).with(constraints(unique)))).get(0);
            complete(kept(claimOne(), LONG_MILLIS));

            assertThat(enqueue(broker(), List.of(job(newId()).with(constraints(unique)))))
                    .containsExactly(duplicateOf(id));

            assertThat(stateOf(id)).isEqualTo(JobState.SUCCEEDED);
        }

        @Test
        void a_kept_job_has_ended_for_good() {
            String id = keptFor(LONG_MILLIS);

            assertThat(get(cancellation().cancel(queue, id))).isEqualTo(CancelReply.NOT_FOUND);
            assertThat(get(operations().redrive(queue, List.of(Redrive.now(id)))))
                    .containsExactly(RedriveReply.NOT_DEAD);
            assertThat(get(operations().reschedule(queue, Reschedule.after(id, LONG_MILLIS))))
                    .isEqualTo(RescheduleReply.NOT_FOUND);
            assertThat(claim(10).claims()).isEmpty();
            assertThat(stateOf(id)).isEqualTo(JobState.SUCCEEDED);
        }

        @Test
        void completing_again_keeps_it_once() {
            Claim claim = claimed(2).get(0);
            Completion.Succeeded run = kept(claim, LONG_MILLIS);

            get(broker().complete(queue, List.of(run, run), null));
            assertThat(complete(run)).isEqualTo(CompletionReply.SETTLED);

            assertThat(counts()).isEqualTo(counted(0, 0, 1, 0, 2, 1, 0, 0, 0, 1));
        }

        @Test
        void a_stale_completion_keeps_nothing() {
            Claim claim = running();

            assertThat(complete(
                            new Completion.Succeeded(claim.id(), newId(), null, 0).keeping(keep(LONG_MILLIS, MANY, 0))))
                    .isEqualTo(CompletionReply.STALE);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
            assertThat(kept()).isZero();
        }

        @Test
        void kept_and_other_jobs_may_end_in_one_call_that_claims_more() {
            List<Claim> claims = claimed(2);
            String next = readyOne();

            var reply = get(broker().complete(
                            queue,
                            List.of(succeeded(claims.get(0)), kept(claims.get(1), LONG_MILLIS)),
                            request(newId(), 10, LONG_MILLIS)));

            assertThat(reply.settled()).containsExactly(CompletionReply.SETTLED, CompletionReply.SETTLED);
            assertThat(ids(Objects.requireNonNull(reply.claimed()))).containsExactly(next);
            assertThat(find(claims.get(0).id())).isEmpty();
            assertThat(stateOf(claims.get(1).id())).isEqualTo(JobState.SUCCEEDED);
        }

        @Test
        void a_kept_job_can_be_deleted_and_has_succeeded_all_the_same() {
            String id = keptFor(LONG_MILLIS);

            assertThat(get(operations().delete(queue, id))).isEqualTo(DeleteReply.DELETED);
            assertThat(get(operations().delete(queue, id))).isEqualTo(DeleteReply.NOT_FOUND);

            assertThat(find(id)).isEmpty();
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 1, 1, 0, 0, 0, 0));
        }

        @Test
        void kept_jobs_are_purged_in_bounded_steps_with_their_results_and_have_succeeded_all_the_same() {
            String last = keptFor(3 * LONG_MILLIS);
            Claim claim = running();
            complete(Completion.Succeeded.of(claim, bytes("42"), LONG_MILLIS).keeping(keep(LONG_MILLIS, MANY, 0)));
            String second = keptFor(2 * LONG_MILLIS);
            keptFor(SHORT_MILLIS);
            letItEnd();

            assertThat(purge(2)).isEqualTo(new PurgeReply(2, true));

            assertThat(find(claim.id())).isEmpty();
            assertThat(find(second)).isEmpty();
            assertThat(ids(list(JobState.SUCCEEDED))).containsExactly(last);
            assertThat(purge(2)).isEqualTo(new PurgeReply(1, false));
            assertThat(purge(2)).isEqualTo(new PurgeReply(0, false));
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, 4, 4, 0, 0, 0, 0));
        }

        @Test
        void a_purge_of_kept_jobs_leaves_all_others() {
            String kept = keptFor(LONG_MILLIS);
            Claim active = running();
            String ready = readyOne();

            assertThat(purge(10)).isEqualTo(new PurgeReply(1, false));

            assertThat(find(kept)).isEmpty();
            assertThat(stateOf(active.id())).isEqualTo(JobState.ACTIVE);
            assertThat(stateOf(ready)).isEqualTo(JobState.READY);
            stored(List.of(job(kept)));
        }

        private PurgeReply purge(int limit) {
            return get(operations().purge(queue, JobState.SUCCEEDED, limit));
        }

        @Test
        void an_inspection_shows_a_kept_job() {
            String id = keptFor(LONG_MILLIS);

            assertThat(get(operations().inspect(queue, id)).orElseThrow().job())
                    .usingRecursiveComparison()
                    .isEqualTo(found(id));
        }

        @Test
        void a_kept_job_is_deleted_with_its_result() {
            String id = keptWithResult();

            assertThat(get(operations().delete(queue, id))).isEqualTo(DeleteReply.DELETED);

            assertThat(find(id)).isEmpty();
        }

        private String keptWithResult() {
            Claim claim = running();
            complete(Completion.Succeeded.of(claim, bytes("42"), LONG_MILLIS).keeping(keep(LONG_MILLIS, MANY, 0)));
            return claim.id();
        }

        @Test
        void a_queue_that_is_deleted_forgets_the_jobs_that_it_kept_with_their_results() {
            String id = keptFor(LONG_MILLIS);
            String other = keptWithResult();

            assertThat(get(operations().erase(queue, false))).isEqualTo(EraseReply.ERASED);

            assertThat(find(id)).isEmpty();
            assertThat(find(other)).isEmpty();
            assertThat(kept()).isZero();
        }

        @Test
        void a_queue_that_is_deleted_forgets_a_thousand_kept_jobs_in_one_call_at_most() {
            completeAll(claimed(1000), MANY + 100);
            completeAll(claimed(1), MANY + 100);

            assertThat(get(operations().erase(queue, false))).isEqualTo(EraseReply.MORE);
            assertThat(kept()).isOne();
            assertThat(get(operations().erase(queue, false))).isEqualTo(EraseReply.ERASED);
            assertThat(kept()).isZero();
        }
    }

    private static JobConstraints constraints(Unique unique) {
        return JobConstraints.NONE.withUnique(unique);
    }
}
