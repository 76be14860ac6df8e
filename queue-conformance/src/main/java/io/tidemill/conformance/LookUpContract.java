package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.JobScan;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs that are found and listed. */
public abstract class LookUpContract extends CancelContract {

    @Nested
    class Find {

        @Test
        void an_unknown_job_is_not_found() {
            assertThat(find(newId())).isEmpty();
        }

        /** A job that keeps nothing, with the receipt of its being stored. */
        private String receiptOf(String id) {
            EnqueueReply reply = enqueue(broker(), List.of(job(id))).get(0);
            return Objects.requireNonNull(((EnqueueReply.Accepted) reply).receipt());
        }

        private Optional<JobSnapshot> findBy(String id, String receipt) {
            return get(lookUp().find(queue, id, false, receipt));
        }

        @Test
        void a_job_that_succeeded_with_nothing_kept_is_found_by_its_receipt_alone() {
            String id = newId();
            String receipt = receiptOf(id);
            assertThat(findBy(id, receipt).orElseThrow().state()).isEqualTo(JobState.READY);

            complete(claimOne());

            assertThat(find(id)).isEmpty();
            assertThat(findBy(id, receipt).orElseThrow().state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(findBy(id, receipt).orElseThrow().result()).isNull();
        }

        @Test
        void a_job_that_was_deleted_is_not_taken_for_one_that_succeeded() {
            String ready = newId();
            String ofReady = receiptOf(ready);
            assertThat(get(operations().delete(queue, ready))).isEqualTo(DeleteReply.DELETED);
            assertThat(findBy(ready, ofReady)).isEmpty();

            String dead = newId();
            String ofDead = receiptOf(dead);
            die(claimOne());
            assertThat(findBy(dead, ofDead).orElseThrow().state()).isEqualTo(JobState.DEAD);
            assertThat(get(operations().delete(queue, dead))).isEqualTo(DeleteReply.DELETED);
            assertThat(findBy(dead, ofDead)).isEmpty();
        }

        @Test
        void a_job_that_was_purged_or_trimmed_is_not_taken_for_one_that_succeeded() {
            String trimmed = newId();
            String ofTrimmed = receiptOf(trimmed);
            die(claimOne());
            assertThat(get(sweeps().trim(queue, 0, LONG_MILLIS, 10))).isEqualTo(1);
            assertThat(findBy(trimmed, ofTrimmed)).isEmpty();

            String purged = newId();
            String ofPurged = receiptOf(purged);
            assertThat(get(operations().purge(queue, JobState.READY, 10)).removed())
                    .isEqualTo(1);
            assertThat(findBy(purged, ofPurged)).isEmpty();
        }

        @Test
        void what_was_taken_out_before_a_job_was_stored_does_not_matter() {
            String deleted = readyOne();
            get(operations().delete(queue, deleted));
            String id = newId();
            String receipt = receiptOf(id);

            complete(claimOne());

            assertThat(findBy(id, receipt).orElseThrow().state()).isEqualTo(JobState.SUCCEEDED);
        }

        @Test
        void a_job_that_was_cancelled_is_not_taken_for_one_that_succeeded() {
            String id = newId();
            String receipt = receiptOf(id);
            get(cancellation().cancel(queue, id));

            assertThat(findBy(id, receipt).orElseThrow().state()).isEqualTo(JobState.CANCELLED);
        }

        @Test
        void whoever_awaited_a_job_finds_that_it_succeeded_although_others_were_taken_out() {
            Claim claim = running();
            get(lookUp().find(queue, claim.id(), true));
            String other = readyOne();
            get(operations().delete(queue, other));

            complete(claim);

            assertThat(found(claim.id()).state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(found(claim.id()).result()).isNull();
            // It says how the job ended; it does not keep its id from being used again.
            stored(List.of(job(claim.id())));
        }

        @Test
        void a_job_that_was_deleted_is_not_taken_for_an_earlier_one_with_its_id_that_succeeded() {
            Claim claim = running();
            get(lookUp().find(queue, claim.id(), true));
            complete(claim);
            String receipt = receiptOf(claim.id());

            get(operations().delete(queue, claim.id()));
            claim(10);

            assertThat(findBy(claim.id(), receipt)).isEmpty();
            assertThat(find(claim.id())).isEmpty();
        }

        @Test
        void whoever_awaited_a_job_that_was_deleted_finds_nothing() {
            String id = newId();
            String receipt = receiptOf(id);
            get(lookUp().find(queue, id, true, receipt));

            get(operations().delete(queue, id));

            assertThat(get(lookUp().find(queue, id, true, receipt))).isEmpty();
        }

        @Test
        void a_ready_job_is_shown_as_it_was_stored() {
            String id = stored(List.of(NewJob.now(newId(), everyByte(), 3))).get(0);

            JobSnapshot job = found(id);

            assertThat(job.id()).isEqualTo(id);
            assertThat(job.state()).isEqualTo(JobState.READY);
            assertThat(job.body()).isEqualTo(everyByte());
            assertThat(job.priority()).isEqualTo(3);
            assertThat(job.failures() + job.lostLeases() + job.releases()).isZero();
            assertThat(job.failure()).isNull();
            assertThat(job.timeMillis()).isZero();
            assertThat(job.result()).isNull();
        }

        @Test
        void only_scheduled_and_dead_jobs_have_a_time() {
            String id = delayed(1, SHORT_MILLIS).get(0);
            assertThat(found(id).timeMillis()).isPositive();

            letItEnd();
            Claim claim = claimOne();
            assertThat(found(id).timeMillis()).isZero();
            release(claim, 0);
            assertThat(found(id).timeMillis()).isZero();
        }

        @Test
        void looking_changes_nothing() {
            Claim claim = running();
            String ready = readyOne();
            QueueCounts before = counts();

            for (int i = 0; i < 3; i++) {
                get(lookUp().find(queue, claim.id(), true));
                get(lookUp().find(queue, ready, true));
            }

            assertThat(counts()).isEqualTo(before);
            assertThat(claimOne().id()).isEqualTo(ready);
            assertThat(complete(claim)).isEqualTo(SETTLED);
        }
    }

    @Nested
    class Listing {

        @Test
        void an_empty_queue_lists_nothing() {
            for (JobState state : List.of(JobState.READY, JobState.SCHEDULED, JobState.ACTIVE, JobState.DEAD)) {
                assertThat(list(state)).isEmpty();
            }
        }

        @Test
        void ready_jobs_are_listed_in_the_order_they_run_page_by_page() {
            List<String> ids = ready(25);

            assertThat(page(JobState.READY, 0, 10)).isEqualTo(ids.subList(0, 10));
            assertThat(page(JobState.READY, 10, 10)).isEqualTo(ids.subList(10, 20));
            assertThat(page(JobState.READY, 20, 10)).isEqualTo(ids.subList(20, 25));
            assertThat(page(JobState.READY, 25, 10)).isEmpty();
        }

        @Test
        void a_page_may_cross_priorities() {
            String low = stored(List.of(job(newId(), 0))).get(0);
            String high = stored(List.of(job(newId(), 9))).get(0);
            String plain = readyOne();

            assertThat(page(JobState.READY, 1, 5)).containsExactly(plain, low);
            assertThat(page(JobState.READY, 0, 2)).containsExactly(high, plain);
        }

        @Test
        void scheduled_jobs_are_listed_by_due_time() {
            String late = delayed(1, 3 * LONG_MILLIS).get(0);
            String early = delayed(1, LONG_MILLIS).get(0);
            String middle = delayed(1, 2 * LONG_MILLIS).get(0);

            assertThat(ids(list(JobState.SCHEDULED))).containsExactly(early, middle, late);
            assertThat(page(JobState.SCHEDULED, 1, 1)).containsExactly(middle);
        }

        @Test
        void active_jobs_are_listed() {
            List<String> ids = ready(5);
            claim(2);
            claim(3);

            assertThat(ids(list(JobState.ACTIVE))).containsExactlyInAnyOrderElementsOf(ids);
        }

        @Test
        void dead_jobs_are_listed_newest_first() {
            List<String> died = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Claim claim = running();
                advance(Duration.ofMillis(2));
                die(claim);
                died.add(0, claim.id());
            }

            assertThat(ids(list(JobState.DEAD))).isEqualTo(died);
            assertThat(page(JobState.DEAD, 1, 1)).containsExactly(died.get(1));
        }

        @Test
        void jobs_that_died_at_the_same_moment_are_in_the_order_of_their_ids() {
            List<String> ids = newIds(3);
            stored(List.of(job(ids.get(1)), job(ids.get(2)), job(ids.get(0))));
            get(broker().fail(
                            queue,
                            claim(3).claims().stream()
                                    .<Completion.Failed>map(it -> new Completion.Dead(it.id(), it.token(), FAILURE))
                                    .toList()));

            assertThat(ids(list(JobState.DEAD))).containsExactly(ids.get(2), ids.get(1), ids.get(0));

            get(operations().purge(queue, JobState.DEAD, 1));
            assertThat(ids(list(JobState.DEAD))).containsExactly(ids.get(2), ids.get(1));
        }

        private List<String> page(JobState state, int offset, int limit) {
            return ids(get(lists().list(queue, state, offset, limit)));
        }
    }

    @Nested
    class Scan {

        private final Set<String> seen = new TreeSet<>();

        @Test
        void a_walk_through_an_empty_queue_ends_and_meets_nothing() {
            walk(100, () -> {});

            assertThat(seen).isEmpty();
        }

        @Test
        void a_walk_meets_the_jobs_that_have_not_ended_with_what_was_stored() {
            ready(2);
            Claim dead = claimOne();
            die(dead);
            complete(claimOne());
            Set<String> there = new TreeSet<>(delayed(1, LONG_MILLIS));
            there.add(running().id());
            there.addAll(ready(3));
            there.add(stored(List.of(NewJob.now("whole", everyByte(), 9))).get(0));
            get(cancellation().cancel(queue, readyOne()));
            get(operations().delete(queue, readyOne()));

            JobScan step = walk(1000, () -> {});

            assertThat(seen).isEqualTo(there);
            assertThat(step.jobs())
                    .filteredOn(job -> job.id().equals("whole"))
                    .singleElement()
                    .satisfies(job -> assertThat(job.body()).isEqualTo(everyByte()));
        }

        /** Whoever looks at places, one after the other, misses a job that goes back to one that was looked at. */
        @Test
        void a_walk_meets_each_job_although_all_of_them_change_their_places_between_its_steps() {
            Set<String> there = new TreeSet<>(ready(50));

            walk(10, () -> {
                get(lists().list(queue, JobState.SCHEDULED, 0, 100))
                        .forEach(job -> get(operations().reschedule(queue, Reschedule.after(job.id(), 0))));
                claim(25).claims().forEach(claim -> retry(claim, LONG_MILLIS));
            });

            assertThat(seen).isEqualTo(there);
        }

        /** Returns the last step. */
        private JobScan walk(int limit, Runnable meanwhile) {
            JobScan step = get(lists().scan(queue, null, limit));
            assertThat(step.isAnew()).isTrue();
            while (true) {
                step.jobs().forEach(job -> seen.add(job.id()));
                if (step.next() == null) {
                    return step;
                }
                meanwhile.run();
                step = get(lists().scan(queue, step.next(), limit));
                assertThat(step.isAnew()).isFalse();
            }
        }
    }
}
