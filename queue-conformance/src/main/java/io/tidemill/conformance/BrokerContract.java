package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.broker.CompletionReply.STALE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.task.BrokerException;
import io.tidemill.broker.BrokerListener;
import io.tidemill.queue.CancelReply;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.queue.LimitScope;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.QueueCounts;
import io.tidemill.broker.RecoverReply;
import io.tidemill.broker.Subscription;
import io.tidemill.broker.Survey;
import io.tidemill.broker.Sweeps;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Broker} does, one group per hop. Extend it, make the broker, move its time, and run it with JUnit;
 * {@link BrokerHarness} says what a subclass must and may give.
 *
 * <p>{@link BrokerConstraintsContract} is the part of it that is about unique keys and expiry, {@link FlowControlContract}
 * that about groups and limits, {@link KeptJobsContract} that about jobs that are kept after they succeeded.
 *
 * <p>After each test the harness checks through the port that every job is in exactly one place and none got lost.
 */
public abstract class BrokerContract extends FlowControlContract {

    @Nested
    class Enqueue {

        @Test
        void a_job_is_accepted_and_ready() {
            String id = newId();

            assertThat(enqueue(broker(), List.of(job(id)))).containsExactly(EnqueueReply.ACCEPTED);

            assertThat(stateOf(id)).isEqualTo(JobState.READY);
            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 0, 0, 1, 0, 0));
        }

        @Test
        void replies_come_one_per_job_in_the_same_order() {
            String known = readyOne();
            String first = newId();
            String second = newId();

            List<EnqueueReply> replies = enqueue(broker(), List.of(job(first), job(known), job(second)));

            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, duplicateOf(known), EnqueueReply.ACCEPTED);
            assertThat(ids(claim(10))).containsExactly(known, first, second);
        }

        @Test
        void an_id_twice_in_one_call_is_stored_once() {
            String id = newId();

            List<EnqueueReply> replies = enqueue(broker(), List.of(job(id), job(id)));

            assertThat(replies).containsExactly(EnqueueReply.ACCEPTED, duplicateOf(id));
            assertThat(ids(claim(10))).containsExactly(id);
        }

        @Test
        void a_duplicate_changes_nothing_of_the_job_that_is_stored() {
            String id = readyOne();

            enqueue(broker(), List.of(NewJob.now(id, bytes("another body"), 9).after(LONG_MILLIS)));

            JobSnapshot job = found(id);
            assertThat(job.state()).isEqualTo(JobState.READY);
            assertThat(job.body()).isEqualTo(bytes("body of " + id));
            assertThat(job.priority()).isEqualTo(4);
            assertThat(counts().accepted()).isEqualTo(1);
        }

        @Test
        void an_id_is_known_while_its_job_is_scheduled_active_or_dead() {
            Claim active = running();
            Claim dead = running();
            die(dead);
            String scheduled = delayed(1, LONG_MILLIS).get(0);

            List<EnqueueReply> replies = enqueue(broker(), List.of(job(scheduled), job(active.id()), job(dead.id())));

            assertThat(replies)
                    .containsExactly(duplicateOf(scheduled), duplicateOf(active.id()), duplicateOf(dead.id()));
            assertThat(counts()).isEqualTo(new QueueCounts(0, 1, 1, 1, 3, 0, 0));
        }

        @Test
        void an_id_is_known_while_its_result_is_kept() {
            Claim claim = running();
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), LONG_MILLIS));

            assertThat(enqueue(broker(), List.of(job(claim.id())))).containsExactly(duplicateOf(claim.id()));

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
        }

        @Test
        void an_id_is_known_after_its_job_was_cancelled() {
            String id = readyOne();
            get(cancellation().cancel(queue, id));

            assertThat(enqueue(broker(), List.of(job(id)))).containsExactly(duplicateOf(id));

            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void an_id_is_free_again_after_a_success_without_a_result() {
            Claim claim = running();
            complete(claim);

            assertThat(enqueue(broker(), List.of(job(claim.id())))).containsExactly(EnqueueReply.ACCEPTED);

            assertThat(claimOne().id()).isEqualTo(claim.id());
        }

        @Test
        void an_id_is_free_again_after_its_result_has_expired() {
            Claim claim = running();
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), SHORT_MILLIS));
            letItEnd();

            assertThat(enqueue(broker(), List.of(job(claim.id())))).containsExactly(EnqueueReply.ACCEPTED);

            assertThat(claimOne().attempt()).isEqualTo(1);
        }

        @Test
        void a_job_with_a_delay_is_scheduled_and_not_claimable_before() {
            String id = delayed(1, LONG_MILLIS).get(0);

            ClaimReply reply = claim(10);

            assertThat(reply.claims()).isEmpty();
            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
            assertThat(counts().scheduled()).isEqualTo(1);
        }

        @Test
        void a_job_with_a_time_in_the_past_is_ready() {
            String id = newId();

            stored(List.of(new NewJob(id, bytes("x"), 4, 0, 1)));

            assertThat(stateOf(id)).isEqualTo(JobState.READY);
        }

        @Test
        void a_job_with_a_time_in_the_future_is_scheduled_for_exactly_then() {
            long due = found(delayed(1, LONG_MILLIS).get(0)).timeMillis() + 7;
            String id = newId();

            stored(List.of(new NewJob(id, bytes("x"), 4, 0, due)));

            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
            assertThat(found(id).timeMillis()).isEqualTo(due);
        }

        @Test
        void a_time_past_2038_is_kept_to_the_millisecond() {
            long due = 7_258_118_400_123L;
            String id = newId();

            stored(List.of(new NewJob(id, bytes("x"), 4, 0, due)));

            assertThat(found(id).timeMillis()).isEqualTo(due);
        }

        @Test
        void a_body_comes_back_byte_for_byte() {
            List<byte[]> bodies = List.of(everyByte(), bytes("žluťoučký 漢字 🚀"), new byte[0], new byte[100_000]);
            List<NewJob> jobs =
                    bodies.stream().map(body -> NewJob.now(newId(), body, 4)).toList();
            stored(jobs);

            List<Claim> claims = claim(10).claims();

            assertThat(claims).hasSameSizeAs(bodies);
            for (int i = 0; i < bodies.size(); i++) {
                assertThat(claims.get(i).body()).isEqualTo(bodies.get(i));
                assertThat(found(claims.get(i).id()).body()).isEqualTo(bodies.get(i));
            }
        }

        @Test
        void a_thousand_jobs_fit_in_one_call() {
            List<String> ids = ready(Broker.MAX_BATCH);

            assertThat(ids(claim(Broker.MAX_BATCH))).isEqualTo(ids);
        }

        @Test
        void queues_do_not_see_each_other() {
            readyOne();

            assertThat(get(broker().claim(queue + "-other", request(newId(), 10, LONG_MILLIS)))
                            .claims())
                    .isEmpty();
            assertThat(get(lists().counts(queue + "-other")).accepted()).isZero();
        }

        @Test
        void one_of_fifty_threads_stores_the_same_id() {
            String id = newId();
            List<Broker> processes =
                    Stream.generate(BrokerContract.this::another).limit(10).toList();
            AtomicInteger turn = new AtomicInteger();

            List<EnqueueReply> replies = together(50, () -> {
                Broker process = processes.get(turn.getAndIncrement() % 10);
                // One caller sends one call after the other.
                synchronized (process) {
                    return enqueue(process, List.of(job(id))).get(0);
                }
            });

            assertThat(replies).containsOnlyOnce(EnqueueReply.ACCEPTED).hasSize(50);
            assertThat(counts().accepted()).isEqualTo(1);
        }
    }

    @Nested
    class Claiming {

        @Test
        void an_empty_queue_gives_nothing() {
            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);
        }

        @Test
        void a_claim_carries_what_was_stored_and_its_token() {
            String id = newId();
            stored(List.of(NewJob.now(id, bytes("x"), 7)));

            Claim claim = claim("the-token-" + id, 1, LONG_MILLIS).claims().get(0);

            assertThat(claim.id()).isEqualTo(id);
            assertThat(claim.token()).isEqualTo("the-token-" + id);
            assertThat(claim.body()).isEqualTo(bytes("x"));
            assertThat(claim.priority()).isEqualTo(7);
            assertThat(claim.failures() + claim.lostLeases() + claim.releases())
                    .isZero();
            assertThat(claim.attempt()).isEqualTo(1);
        }

        @Test
        void a_claimed_job_is_active() {
            Claim claim = running();

            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 1, 0, 1, 0, 0));
        }

        @Test
        void a_claimed_job_is_not_claimable_until_its_lease_ends() {
            Claim claim = running();

            assertThat(claim(10).claims()).isEmpty();
            assertThat(named(recover().recovered())).isEmpty();
            assertThat(claim(10).claims()).isEmpty();
            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
        }

        @Test
        void no_more_come_than_asked_for() {
            List<String> ids = ready(5);

            assertThat(ids(claim(2))).isEqualTo(ids.subList(0, 2));
            assertThat(ids(claim(2))).isEqualTo(ids.subList(2, 4));
            assertThat(ids(claim(2))).isEqualTo(ids.subList(4, 5));
        }

        @Test
        void a_claim_asked_twice_answers_with_what_the_token_holds() {
            List<String> ids = ready(5);
            String token = newId();
            claim(token, 3, LONG_MILLIS);

            ClaimReply again = claim(token, 3, LONG_MILLIS);

            assertThat(ids(again)).containsExactlyInAnyOrderElementsOf(ids.subList(0, 3));
            assertThat(again.claims()).allMatch(claim -> claim.token().equals(token));
            assertThat(counts()).isEqualTo(new QueueCounts(2, 0, 3, 0, 5, 0, 0));
        }

        @Test
        void a_claim_asked_twice_answers_in_the_order_of_the_ids() {
            List<String> ids = newIds(4);
            stored(List.of(job(ids.get(3)), job(ids.get(1)), job(ids.get(2)), job(ids.get(0))));
            String token = newId();
            claim(token, 4, LONG_MILLIS);

            assertThat(ids(claim(token, 4, LONG_MILLIS))).isEqualTo(ids);
        }

        @Test
        void a_claim_asked_twice_says_to_look_again_for_what_waits() {
            ready(5);
            String token = newId();
            claim(token, 3, LONG_MILLIS);

            assertThat(claim(token, 3, LONG_MILLIS).moreInMillis())
                    .as("nobody looked this time")
                    .isZero();
        }

        @Test
        void a_claim_asked_twice_leaves_out_what_was_settled_in_between() {
            ready(3);
            String token = newId();
            List<Claim> claims = claim(token, 3, LONG_MILLIS).claims();
            complete(claims.get(1));

            ClaimReply again = claim(token, 3, LONG_MILLIS);

            assertThat(ids(again))
                    .containsExactlyInAnyOrder(claims.get(0).id(), claims.get(2).id());
        }

        /** A copy of a request that hung somewhere: nobody waits for its answer. */
        @Test
        void a_late_copy_of_a_claim_whose_jobs_were_completed_takes_nothing() {
            ready(2);
            ClaimRequest request = numbered(newId(), 1, 1);
            Claim claim = ask(request).claims().get(0);
            complete(claim);

            assertThat(ask(request)).isEqualTo(new ClaimReply(List.of(), 0));
            assertThat(counts().ready()).isOne();
            assertThat(counts().active()).isZero();
        }

        @Test
        void a_late_copy_of_a_claim_that_brought_nothing_takes_nothing() {
            ClaimRequest request = numbered(newId(), 1, 10);
            ask(request);
            ready(1);

            assertThat(ask(request)).isEqualTo(new ClaimReply(List.of(), 0));
            assertThat(counts().active()).isZero();
        }

        @Test
        void a_late_copy_of_a_claim_takes_nothing_whatever_its_worker_has_claimed_since() {
            ready(100);
            String worker = newId();
            List<Claim> claims = new ArrayList<>();
            for (int number = 1; number <= 60; number++) {
                claims.addAll(ask(numbered(worker, number, 1)).claims());
            }
            claims.forEach(BrokerContract.this::complete);

            for (int number = 1; number <= 60; number++) {
                assertThat(ask(numbered(worker, number, 1))).isEqualTo(new ClaimReply(List.of(), 0));
            }
        }

        @Test
        void a_late_copy_of_a_claim_made_while_the_queue_was_paused_takes_nothing() {
            ClaimRequest request = numbered(newId(), 1, 10);
            get(operations().pause(queue));
            ask(request);
            ready(1);
            get(operations().resume(queue));

            assertThat(ask(request).claims()).isEmpty();
        }

        @Test
        void a_late_copy_of_a_completion_that_claimed_claims_nothing_more() {
            ready(3);
            String worker = newId();
            Claim first = ask(numbered(worker, 1, 1)).claims().get(0);
            ClaimRequest next = numbered(worker, 2, 1);
            List<Completion.Succeeded> runs = List.of(succeeded(first));
            ClaimReply claimed = get(broker().complete(queue, runs, next)).claimed();
            complete(Objects.requireNonNull(claimed).claims().get(0));

            assertThat(get(broker().complete(queue, runs, next)).claimed()).isEqualTo(new ClaimReply(List.of(), 0));
            assertThat(counts().ready()).isOne();
        }

        @Test
        void claims_that_overtake_one_another_are_all_answered() {
            List<String> ids = ready(6);
            String worker = newId();
            List<String> claimed = new ArrayList<>();
            for (int number : new int[] {3, 1, 2, 5, 4, 40}) {
                claimed.addAll(ids(ask(numbered(worker, number, 1))));
            }

            assertThat(claimed).isEqualTo(ids);
        }

        /** Nobody can tell any more whether it came before; whoever made it asks again. */
        @Test
        void a_claim_that_a_hundred_others_have_overtaken_takes_nothing_and_says_to_ask_again() {
            ready(1);
            String worker = newId();
            ask(numbered(worker, 101, 1));
            ready(1);

            assertThat(ask(numbered(worker, 1, 1))).isEqualTo(new ClaimReply(List.of(), 0));
        }

        @Test
        void the_numbers_of_one_worker_are_no_business_of_another() {
            List<String> ids = ready(2);

            assertThat(ids(ask(numbered(newId(), 7, 1)))).isEqualTo(ids.subList(0, 1));
            assertThat(ids(ask(numbered(newId(), 7, 1)))).isEqualTo(ids.subList(1, 2));
        }

        private ClaimRequest numbered(String worker, int number, int limit) {
            return new ClaimRequest(worker, worker + ":" + number, limit, LONG_MILLIS);
        }

        private ClaimReply ask(ClaimRequest request) {
            return get(broker().claim(queue, request));
        }

        /** Or else one answer holds up everybody, and never comes within the time that it has. */
        @Test
        void a_claim_brings_about_a_megabyte_of_large_jobs_and_says_that_there_are_more() {
            List<String> ids = newIds(6);
            stored(ids.stream().map(id -> large(id, 400_000)).toList());

            ClaimReply first = claim(10);

            assertThat(ids(first)).isEqualTo(ids.subList(0, 2));
            assertThat(first.moreInMillis()).isZero();
            assertThat(ids(claim(10))).isEqualTo(ids.subList(2, 4));
            assertThat(ids(claim(10))).isEqualTo(ids.subList(4, 6));
        }

        @Test
        void a_job_that_is_larger_than_a_claim_comes_alone_and_nobody_overtakes_it() {
            List<String> ids = newIds(4);
            stored(List.of(
                    large(ids.get(0), 1_500_000),
                    large(ids.get(1), 600_000),
                    large(ids.get(2), 600_000),
                    NewJob.now(ids.get(3), bytes("small"), 4)));

            assertThat(ids(claim(10))).isEqualTo(ids.subList(0, 1));
            assertThat(ids(claim(10))).isEqualTo(ids.subList(1, 2));
            assertThat(ids(claim(10))).isEqualTo(ids.subList(2, 4));
        }

        @Test
        void a_large_job_is_not_overtaken_by_smaller_ones_of_lower_priority() {
            List<String> ids = newIds(3);
            stored(List.of(
                    NewJob.now(ids.get(2), bytes("small"), 0), large(ids.get(0), 700_000), large(ids.get(1), 700_000)));

            assertThat(ids(claim(10))).isEqualTo(ids.subList(0, 1));
            assertThat(ids(claim(10))).isEqualTo(ids.subList(1, 3));
        }

        @Test
        void large_jobs_that_are_due_or_whose_lease_has_ended_come_in_their_order_and_whole() {
            List<String> ids = newIds(3);
            stored(ids.stream()
                    .map(id -> large(id, 700_000).after(SHORT_MILLIS))
                    .toList());
            letItEnd();
            claim(newId(), 10, SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(claim(10).claims())
                    .singleElement()
                    .satisfies(claim -> assertThat(claim.body()).hasSize(700_000));
            assertThat(ids(claim(10))).isEqualTo(ids.subList(1, 2));
            assertThat(ids(claim(10))).isEqualTo(ids.subList(2, 3));
        }

        private NewJob large(String id, int bytes) {
            return NewJob.now(id, new byte[bytes], 4);
        }

        @Test
        void due_jobs_are_promoted_by_a_claim() {
            List<String> ids = delayed(3, SHORT_MILLIS);
            letItEnd();

            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void one_claim_promotes_at_most_a_hundred() {
            List<String> ids = delayed(150, SHORT_MILLIS);
            letItEnd();

            ClaimReply first = claim(Broker.MAX_BATCH);
            ClaimReply second = claim(Broker.MAX_BATCH);

            assertThat(ids(first)).isEqualTo(ids.subList(0, 100));
            assertThat(first.moreInMillis()).isZero();
            assertThat(ids(second)).isEqualTo(ids.subList(100, 150));
            assertThat(second.moreInMillis()).isEqualTo(ClaimReply.NOTHING_MORE);
        }

        @Test
        void the_reply_says_that_jobs_were_left_behind() {
            ready(3);

            assertThat(claim(2).moreInMillis()).isZero();
            assertThat(claim(2).moreInMillis()).isEqualTo(ClaimReply.NOTHING_MORE);
        }

        @Test
        void the_reply_says_how_long_until_the_next_delayed_job() {
            delayed(1, LONG_MILLIS);
            delayed(1, 2 * LONG_MILLIS);

            assertThat(claim(10).moreInMillis()).isBetween(LONG_MILLIS / 2, LONG_MILLIS);
        }

        @Test
        void two_workers_never_get_the_same_job() {
            int jobs = 4000;
            for (int i = 0; i < jobs / Broker.MAX_BATCH; i++) {
                ready(Broker.MAX_BATCH);
            }

            List<List<String>> shares = together(8, () -> claimAll(another()));

            List<String> all = shares.stream().flatMap(List::stream).toList();
            assertThat(all).doesNotHaveDuplicates().hasSize(jobs);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, jobs, jobs, 0));
        }

        /** Claims and completes until the queue is empty. */
        private List<String> claimAll(Broker broker) {
            List<String> mine = new ArrayList<>();
            while (true) {
                List<Claim> claims = get(broker.claim(queue, request(newId(), 7, LONG_MILLIS)))
                        .claims();
                if (claims.isEmpty()) {
                    return mine;
                }
                claims.forEach(claim -> mine.add(claim.id()));
                get(broker.complete(
                        queue, claims.stream().map(BrokerHarness::succeeded).toList(), null));
            }
        }
    }

    @Nested
    class Order {

        @Test
        void ten_thousand_jobs_come_first_in_first_out() {
            List<String> stored = new ArrayList<>();
            List<String> claimed = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                stored.addAll(ready(Broker.MAX_BATCH));
            }

            for (int i = 0; i < 20; i++) {
                List<Claim> claims = claim(500).claims();
                claims.forEach(claim -> claimed.add(claim.id()));
                get(broker().complete(
                                queue,
                                claims.stream().map(BrokerHarness::succeeded).toList(),
                                null));
            }

            assertThat(claimed).isEqualTo(stored);
        }

        @Test
        void higher_priorities_come_first_and_each_is_first_in_first_out() {
            List<NewJob> jobs = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                for (int priority = 0; priority <= 9; priority++) {
                    jobs.add(job(newId(), priority));
                }
            }
            Collections.shuffle(jobs, new Random(7));
            stored(jobs);
            List<String> expected = IntStream.iterate(9, p -> p >= 0, p -> p - 1)
                    .boxed()
                    .flatMap(p -> jobs.stream().filter(job -> job.priority() == p))
                    .map(NewJob::id)
                    .toList();

            assertThat(ids(list(JobState.READY))).isEqualTo(expected);
            assertThat(ids(claim(7))).isEqualTo(expected.subList(0, 7));
            assertThat(ids(claim(100))).isEqualTo(expected.subList(7, 30));
        }

        @Test
        void a_late_job_of_high_priority_overtakes() {
            String low = stored(List.of(job(newId(), 0))).get(0);
            String plain = readyOne();
            String high = stored(List.of(job(newId(), 9))).get(0);

            assertThat(List.of(claimOne().id(), claimOne().id(), claimOne().id()))
                    .containsExactly(high, plain, low);
        }

        @Test
        void jobs_due_at_the_same_moment_come_in_the_order_of_their_ids() {
            List<String> ids = newIds(20);
            List<String> shuffled = new ArrayList<>(ids);
            Collections.shuffle(shuffled, new Random(3));
            stored(shuffled.stream().map(id -> job(id).after(SHORT_MILLIS)).toList());

            assertThat(ids(list(JobState.SCHEDULED))).isEqualTo(ids);
            letItEnd();
            assertThat(ids(claim(100))).isEqualTo(ids);
        }

        @Test
        void delayed_jobs_come_in_the_order_in_which_they_are_due() {
            String late = newId();
            String early = newId();
            stored(List.of(job(late).after(SHORT_MILLIS), job(early).after(SHORT_MILLIS / 2)));
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(early, late);
        }

        @Test
        void a_promoted_job_goes_behind_those_that_are_ready() {
            String delayed = delayed(1, SHORT_MILLIS).get(0);
            String ready = readyOne();
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(ready, delayed);
        }

        @Test
        void a_promoted_job_keeps_its_priority() {
            String high = stored(List.of(job(newId(), 9).after(SHORT_MILLIS))).get(0);
            String ready = readyOne();
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(high, ready);
        }

        @Test
        void a_retried_job_keeps_its_priority() {
            String high = stored(List.of(job(newId(), 8))).get(0);
            retry(claimOne(), 0);
            ready(3);
            letItEnd();

            Claim claim = claim(10).claims().get(0);

            assertThat(claim.id()).isEqualTo(high);
            assertThat(claim.priority()).isEqualTo(8);
        }

        @Test
        void a_recovered_job_keeps_its_priority() {
            String low = stored(List.of(job(newId(), 1))).get(0);
            claimOne(SHORT_MILLIS);
            String plain = readyOne();
            letItEnd();
            recover();

            assertThat(claimOne().id()).isEqualTo(plain);
            assertThat(claimOne().id()).isEqualTo(low);
        }
    }

    @Nested
    class Complete {

        @Test
        void a_completed_job_is_gone_and_counted() {
            Claim claim = running();

            assertThat(complete(claim)).isEqualTo(SETTLED);

            assertThat(find(claim.id())).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_result_is_kept() {
            Claim claim = running();

            complete(new Completion.Succeeded(claim.id(), claim.token(), everyByte(), LONG_MILLIS));

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
            assertThat(found(claim.id()).result()).isEqualTo(everyByte());
        }

        @Test
        void an_empty_result_is_a_result() {
            Claim claim = running();

            complete(new Completion.Succeeded(claim.id(), claim.token(), new byte[0], LONG_MILLIS));

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SUCCEEDED);
            assertThat(found(claim.id()).result()).isEmpty();
        }

        @Test
        void a_result_is_forgotten_after_its_time() {
            Claim claim = running();
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), SHORT_MILLIS));

            letItEnd();

            assertThat(find(claim.id())).isEmpty();
        }

        @Test
        void completing_again_under_a_token_that_stands_is_settled_and_counts_once() {
            ready(2);
            List<Claim> claims = claim(2).claims();
            complete(claims.get(0));

            assertThat(complete(claims.get(0))).isEqualTo(SETTLED);

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 1, 0, 2, 1, 0));
        }

        @Test
        void a_token_that_holds_nothing_any_more_settles_nothing() {
            Claim claim = running();
            complete(claim);

            assertThat(complete(claim)).isEqualTo(STALE);

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void a_token_that_never_was_is_stale_and_changes_nothing() {
            Claim claim = running();

            assertThat(complete(new Completion.Succeeded(claim.id(), newId(), bytes("42"), LONG_MILLIS)))
                    .isEqualTo(STALE);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
            assertThat(complete(claim)).isEqualTo(SETTLED);
        }

        @Test
        void a_stale_token_after_a_recovery_changes_nothing() {
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            assertThat(named(recover().recovered())).containsExactly(stale.id());

            assertThat(complete(stale)).isEqualTo(STALE);
            assertThat(stateOf(stale.id())).isEqualTo(JobState.READY);

            Claim holder = claimOne();
            assertThat(complete(stale)).isEqualTo(STALE);
            assertThat(stateOf(stale.id())).isEqualTo(JobState.ACTIVE);
            assertThat(complete(holder)).isEqualTo(SETTLED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 1, 0));
        }

        @Test
        void the_holder_may_complete_after_its_lease_ended_while_nobody_recovered_it() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            assertThat(complete(claim)).isEqualTo(SETTLED);

            assertThat(recover()).isEqualTo(new RecoverReply(List.of(), List.of()));
        }

        @Test
        void replies_come_one_per_completion_in_the_same_order() {
            Claim mine = running();
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            recover();
            Claim other = running2nd(stale);

            CompleteReply reply =
                    get(broker().complete(queue, List.of(succeeded(stale), succeeded(mine), succeeded(other)), null));

            assertThat(reply.settled()).containsExactly(STALE, SETTLED, SETTLED);
            assertThat(reply.claimed()).isNull();
        }

        private Claim running2nd(Claim first) {
            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(first.id());
            return second;
        }

        @Test
        void the_next_jobs_are_claimed_in_the_same_step() {
            Claim claim = running();
            List<String> next = ready(3);

            CompleteReply reply =
                    get(broker().complete(queue, List.of(succeeded(claim)), request(newId(), 2, LONG_MILLIS)));

            assertThat(reply.settled()).containsExactly(SETTLED);
            assertThat(ids(Objects.requireNonNull(reply.claimed()))).isEqualTo(next.subList(0, 2));
            assertThat(counts()).isEqualTo(new QueueCounts(1, 0, 2, 0, 4, 1, 0));
        }

        @Test
        void completing_nothing_may_claim() {
            String id = readyOne();

            CompleteReply reply = get(broker().complete(queue, List.of(), request(newId(), 2, LONG_MILLIS)));

            assertThat(reply.settled()).isEmpty();
            assertThat(ids(Objects.requireNonNull(reply.claimed()))).containsExactly(id);
        }

        @Test
        void a_thousand_completions_fit_in_one_call() {
            ready(Broker.MAX_BATCH);
            List<Claim> claims = claim(Broker.MAX_BATCH).claims();

            CompleteReply reply = get(broker().complete(
                            queue, claims.stream().map(BrokerHarness::succeeded).toList(), null));

            assertThat(reply.settled()).hasSize(Broker.MAX_BATCH).containsOnly(SETTLED);
            assertThat(counts().succeeded()).isEqualTo(Broker.MAX_BATCH);
        }
    }

    @Nested
    class Fail {

        @Test
        void a_retried_job_is_scheduled_and_one_failure_is_counted() {
            Claim claim = running();

            assertThat(retry(claim, LONG_MILLIS)).isEqualTo(SETTLED);

            JobSnapshot job = found(claim.id());
            assertThat(job.state()).isEqualTo(JobState.SCHEDULED);
            assertThat(job.failures()).isEqualTo(1);
            assertThat(job.lostLeases() + job.releases()).isZero();
            assertThat(job.failure()).isEqualTo(FAILURE);
            assertThat(job.body()).isEqualTo(claim.body());
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_retry_without_a_delay_is_claimable_at_once() {
            Claim claim = running();

            retry(claim, 0);

            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(claim.id());
            assertThat(second.failures()).isEqualTo(1);
            assertThat(second.attempt()).isEqualTo(2);
            assertThat(second.body()).isEqualTo(claim.body());
        }

        @Test
        void failures_add_up_and_the_last_one_is_kept() {
            String id = readyOne();
            for (int i = 1; i <= 12; i++) {
                Claim claim = claimOne();
                assertThat(claim.failures()).isEqualTo(i - 1);
                fail(new Completion.Retry(id, claim.token(), 0, bytes("failure " + i)));
            }

            assertThat(found(id).failures()).isEqualTo(12);
            assertThat(found(id).failure()).isEqualTo(bytes("failure 12"));
        }

        @Test
        void a_dead_job_is_kept_with_its_body_and_failure() {
            Claim claim = running();

            assertThat(die(claim)).isEqualTo(SETTLED);

            JobSnapshot job = found(claim.id());
            assertThat(job.state()).isEqualTo(JobState.DEAD);
            assertThat(job.failures()).isEqualTo(1);
            assertThat(job.failure()).isEqualTo(FAILURE);
            assertThat(job.body()).isEqualTo(claim.body());
            assertThat(job.timeMillis()).isPositive();
            assertThat(claim(10).claims()).isEmpty();
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 1, 1, 0, 0));
        }

        @Test
        void a_failure_of_any_bytes_is_kept() {
            Claim claim = running();

            fail(new Completion.Dead(claim.id(), claim.token(), everyByte()));

            assertThat(found(claim.id()).failure()).isEqualTo(everyByte());
        }

        @Test
        void a_run_may_end_as_cancelled() {
            Claim claim = running();

            assertThat(fail(new Completion.Cancelled(claim.id(), claim.token())))
                    .isEqualTo(SETTLED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.CANCELLED);
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 0, 1));
        }

        @Test
        void a_stale_token_fails_nothing() {
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(retry(stale, 0)).isEqualTo(STALE);
            assertThat(die(stale)).isEqualTo(STALE);
            assertThat(fail(new Completion.Cancelled(stale.id(), stale.token())))
                    .isEqualTo(STALE);

            JobSnapshot job = found(stale.id());
            assertThat(job.state()).isEqualTo(JobState.READY);
            assertThat(job.failures()).isZero();
        }

        @Test
        void failing_again_under_a_token_that_stands_counts_once() {
            ready(3);
            List<Claim> claims = claim(3).claims();
            retry(claims.get(0), LONG_MILLIS);
            die(claims.get(1));

            assertThat(retry(claims.get(0), LONG_MILLIS)).isEqualTo(SETTLED);
            assertThat(die(claims.get(1))).isEqualTo(SETTLED);

            assertThat(found(claims.get(0).id()).failures()).isEqualTo(1);
            assertThat(found(claims.get(1).id()).failures()).isEqualTo(1);
        }

        @Test
        void a_job_said_twice_in_one_call_is_settled_and_under_another_token_stale() {
            Claim claim = running();
            Completion.Dead dead = new Completion.Dead(claim.id(), claim.token(), FAILURE);
            Completion.Dead stale = new Completion.Dead(claim.id(), newId(), FAILURE);

            List<CompletionReply> replies = get(broker().fail(queue, List.of(dead, dead, stale)));

            assertThat(replies).containsExactly(SETTLED, SETTLED, STALE);
            assertThat(found(claim.id()).failures()).isEqualTo(1);
        }

        @Test
        void one_call_carries_every_kind() {
            ready(3);
            List<Claim> claims = claim(3).claims();
            String token = claims.get(0).token();

            List<?> replies = get(broker().fail(
                            queue,
                            List.of(
                                    new Completion.Dead(claims.get(0).id(), token, FAILURE),
                                    new Completion.Retry(claims.get(1).id(), newId(), 0, FAILURE),
                                    new Completion.Retry(claims.get(1).id(), token, LONG_MILLIS, FAILURE),
                                    new Completion.Cancelled(claims.get(2).id(), token))));

            assertThat(replies).asString().isEqualTo("[SETTLED, STALE, SETTLED, SETTLED]");
            assertThat(counts()).isEqualTo(new QueueCounts(0, 1, 0, 1, 3, 0, 1));
        }
    }

    @Nested
    class Release {

        @Test
        void a_released_job_is_ready_and_no_failure_is_counted() {
            Claim claim = running();

            assertThat(release(claim, 0)).isEqualTo(SETTLED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.READY);
            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(claim.id());
            assertThat(second.failures() + second.lostLeases()).isZero();
            assertThat(second.releases()).isEqualTo(1);
            assertThat(second.attempt()).isEqualTo(2);
        }

        @Test
        void a_job_given_back_twice_in_one_call_is_settled_and_under_another_token_stale() {
            Claim claim = running();
            Completion.Release release = new Completion.Release(claim.id(), claim.token(), 0);
            Completion.Release stale = new Completion.Release(claim.id(), newId(), 0);

            List<CompletionReply> replies = get(broker().release(queue, List.of(release, release, stale)));

            assertThat(replies).containsExactly(SETTLED, SETTLED, STALE);
            assertThat(found(claim.id()).releases()).isEqualTo(1);
        }

        @Test
        void released_jobs_go_to_the_front_in_their_old_order() {
            List<String> ids = ready(5);
            List<Claim> claims = claim(3).claims();

            get(broker().release(
                            queue,
                            claims.stream()
                                    .map(claim -> new Completion.Release(claim.id(), claim.token(), 0))
                                    .toList()));

            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void jobs_that_are_given_back_one_by_one_stand_in_their_old_order_whichever_came_first() {
            List<String> ids = ready(10);
            List<Claim> claims = claim(8).claims();
            cancelled(claims.get(5));

            for (int i : List.of(3, 1, 2, 7, 0, 4, 6)) {
                release(claims.get(i), 0);
            }

            List<String> left = new ArrayList<>(ids);
            left.remove(5);
            assertThat(ids(list(JobState.READY))).isEqualTo(left);
            assertThat(ids(claim(10))).isEqualTo(left);
        }

        private void cancelled(Claim claim) {
            assertThat(fail(new Completion.Cancelled(claim.id(), claim.token())))
                    .isEqualTo(SETTLED);
        }

        @Test
        void a_job_that_is_given_back_goes_before_those_that_never_ran_and_behind_older_ones_that_were_lost() {
            List<String> ids = ready(5);
            claim(newId(), 1, SHORT_MILLIS);
            Claim second = claimOne();
            Claim third = claimOne();
            letItEnd();
            release(third, 0);
            recover();
            assertThat(get(cancellation().cancel(queue, third.id()))).isEqualTo(CancelReply.CANCELLED);

            release(second, 0);

            assertThat(ids(list(JobState.READY))).containsExactly(ids.get(0), ids.get(1), ids.get(3), ids.get(4));
        }

        @Test
        void a_job_released_with_a_delay_is_scheduled() {
            Claim claim = running();

            release(claim, LONG_MILLIS);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.SCHEDULED);
            assertThat(found(claim.id()).releases()).isEqualTo(1);
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_job_released_with_a_delay_comes_back_after_it() {
            Claim claim = running();

            release(claim, SHORT_MILLIS);
            letItEnd();

            assertThat(claimOne().id()).isEqualTo(claim.id());
        }

        @Test
        void a_stale_token_releases_nothing() {
            Claim stale = running(SHORT_MILLIS);
            letItEnd();
            recover();
            Claim holder = claimOne();

            assertThat(release(stale, 0)).isEqualTo(STALE);

            assertThat(stateOf(stale.id())).isEqualTo(JobState.ACTIVE);
            assertThat(found(stale.id()).releases()).isZero();
            assertThat(release(holder, 0)).isEqualTo(SETTLED);
        }

        @Test
        void releasing_again_under_a_token_that_stands_counts_once() {
            ready(2);
            List<Claim> claims = claim(2).claims();
            release(claims.get(0), 0);

            assertThat(release(claims.get(0), 0)).isEqualTo(SETTLED);

            assertThat(found(claims.get(0).id()).releases()).isEqualTo(1);
            assertThat(counts().ready()).isEqualTo(1);
        }

        @Test
        void a_released_job_keeps_its_last_failure() {
            Claim claim = running();
            retry(claim, 0);

            release(claimOne(), 0);

            assertThat(found(claim.id()).failure()).isEqualTo(FAILURE);
            assertThat(found(claim.id()).failures()).isEqualTo(1);
        }
    }

    @Nested
    class Extend {

        @Test
        void an_extended_lease_lasts_longer() {
            Claim claim = running(SHORT_MILLIS);

            assertThat(extend(claim.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ALIVE);

            letItEnd();
            assertThat(named(recover().recovered())).isEmpty();
            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
        }

        @Test
        void a_lease_is_never_shortened() {
            Claim claim = running(LONG_MILLIS);

            assertThat(extend(claim.token(), 1)).isEqualTo(ExtendReply.ALIVE);

            letItEnd();
            assertThat(named(recover().recovered())).isEmpty();
            assertThat(complete(claim)).isEqualTo(SETTLED);
        }

        @Test
        void an_extended_lease_ends_after_its_new_time() {
            Claim claim = running(1);
            extend(claim.token(), SHORT_MILLIS);

            letItEnd();

            assertThat(named(recover().recovered())).containsExactly(claim.id());
        }

        @Test
        void a_lease_past_its_time_stands_until_somebody_recovers_it() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            assertThat(extend(claim.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ALIVE);

            assertThat(named(recover().recovered())).isEmpty();
        }

        @Test
        void a_recovered_lease_has_ended() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(extend(claim.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.READY);
        }

        @Test
        void a_lease_without_jobs_has_ended() {
            Claim completed = running();
            complete(completed);
            Claim failed = running();
            die(failed);
            Claim released = running();
            release(released, LONG_MILLIS);

            assertThat(extend(completed.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);
            assertThat(extend(failed.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);
            assertThat(extend(released.token(), LONG_MILLIS)).isEqualTo(ExtendReply.ENDED);
        }

        @Test
        void replies_come_one_per_token_in_the_same_order() {
            Claim first = running();
            Claim second = running();
            get(cancellation().cancel(queue, second.id()));

            List<ExtendReply> replies =
                    get(leases().extend(queue, List.of(second.token(), newId(), first.token()), LONG_MILLIS));

            assertThat(replies)
                    .containsExactly(new ExtendReply(true, Set.of(second.id())), ExtendReply.ENDED, ExtendReply.ALIVE);
        }

        private ExtendReply extend(String token, long millis) {
            return get(leases().extend(queue, List.of(token), millis)).get(0);
        }
    }

    @Nested
    class Promote {

        @Test
        void due_jobs_are_moved_earliest_first_and_counted() {
            List<String> ids = delayed(5, SHORT_MILLIS);
            letItEnd();

            assertThat(promote(3)).isEqualTo(3);
            assertThat(ids(list(JobState.READY))).isEqualTo(ids.subList(0, 3));
            assertThat(counts()).isEqualTo(new QueueCounts(3, 2, 0, 0, 5, 0, 0));

            assertThat(promote(3)).isEqualTo(2);
            assertThat(promote(3)).isZero();
            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void jobs_that_are_not_due_stay() {
            String id = delayed(1, LONG_MILLIS).get(0);

            assertThat(promote(100)).isZero();

            assertThat(stateOf(id)).isEqualTo(JobState.SCHEDULED);
        }

        @Test
        void a_thousand_are_moved_in_one_call() {
            delayed(Broker.MAX_BATCH, SHORT_MILLIS);
            letItEnd();

            assertThat(promote(Broker.MAX_BATCH)).isEqualTo(Broker.MAX_BATCH);
            assertThat(counts().ready()).isEqualTo(Broker.MAX_BATCH);
        }

        private int promote(int limit) {
            return get(sweeps().promote(queue, limit));
        }
    }

    @Nested
    class SurveyOfQueues {

        @Test
        void an_unknown_queue_has_nothing_to_do_and_does_not_come_to_be() {
            assertThat(get(sweeps().survey(List.of(queue, queue + "-other"))))
                    .containsExactly(Survey.NOTHING, Survey.NOTHING);
            assertThat(get(operations().queues())).doesNotContain(queue, queue + "-other");
        }

        @Test
        void ready_jobs_are_seen_in_every_line() {
            stored(List.of(job(newId(), 9)));
            assertThat(survey()).isEqualTo(new Survey(true, false, false));
            claim(10);
            assertThat(survey()).as("what runs is no work").isEqualTo(Survey.NOTHING);

            readyOne();
            assertThat(survey()).isEqualTo(new Survey(true, false, false));
            claim(10);

            stored(List.of(job(newId()).with(JobConstraints.NONE.withGroup("group"))));
            assertThat(survey()).isEqualTo(new Survey(true, false, false));
        }

        @Test
        void a_paused_queue_has_no_job_that_a_claim_may_bring() {
            readyOne();
            get(operations().pause(queue));

            assertThat(survey()).isEqualTo(Survey.NOTHING);
        }

        @Test
        void a_delayed_job_is_due_when_its_time_has_come() {
            delayed(1, LONG_MILLIS);
            assertThat(survey()).isEqualTo(Survey.NOTHING);

            delayed(1, SHORT_MILLIS);
            letItEnd();

            assertThat(survey()).isEqualTo(new Survey(false, true, false));
        }

        @Test
        void a_lease_that_has_ended_is_due() {
            running(SHORT_MILLIS);
            letItEnd();

            assertThat(survey()).isEqualTo(new Survey(false, true, false));
        }

        @Test
        void a_job_that_has_expired_is_due() {
            stored(List.of(job(newId()).after(LONG_MILLIS).with(JobConstraints.NONE.withExpiresInMillis(SHORT_MILLIS))));
            letItEnd();

            assertThat(survey()).isEqualTo(new Survey(false, true, false));
        }

        @Test
        void dead_jobs_are_seen() {
            die(running());

            assertThat(survey()).isEqualTo(new Survey(false, false, true));
        }

        @Test
        void each_of_many_queues_is_answered_in_its_place() {
            String other = queue + "-other";
            readyOne();
            List<String> asked = new ArrayList<>(Collections.nCopies(Sweeps.MAX_SURVEY, other));
            asked.set(17, queue);

            List<Survey> answers = get(sweeps().survey(asked));

            assertThat(answers).hasSize(Sweeps.MAX_SURVEY);
            assertThat(answers.get(17).ready()).isTrue();
            assertThat(answers.stream().filter(Survey.NOTHING::equals)).hasSize(Sweeps.MAX_SURVEY - 1);
            asked.add(other);
            assertThatThrownBy(() -> sweeps().survey(asked)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> sweeps().survey(List.of())).isInstanceOf(IllegalArgumentException.class);
        }

        private Survey survey() {
            return get(sweeps().survey(List.of(queue))).get(0);
        }
    }

    @Nested
    class Recover {

        @Test
        void a_job_whose_lease_ended_is_ready_again_and_one_lost_lease_is_counted() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            RecoverReply reply = recover();
            assertThat(named(reply.recovered())).containsExactly(claim.id());
            assertThat(reply.dead()).isEmpty();
            assertThat(reply.more()).isFalse();

            Claim second = claimOne();
            assertThat(second.id()).isEqualTo(claim.id());
            assertThat(second.body()).isEqualTo(claim.body());
            assertThat(second.lostLeases()).isEqualTo(1);
            assertThat(second.failures() + second.releases()).isZero();
            assertThat(second.attempt()).isEqualTo(2);
        }

        @Test
        void recovering_again_changes_nothing() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(recover()).isEqualTo(new RecoverReply(List.of(), List.of()));

            assertThat(found(claim.id()).lostLeases()).isEqualTo(1);
        }

        @Test
        void recover_says_whether_more_leases_have_ended_until_all_jobs_are_back() {
            ready(600);
            ready(600);
            assertThat(claim("first", 600, SHORT_MILLIS).claims()).hasSize(600);
            assertThat(claim("second", 600, SHORT_MILLIS).claims()).hasSize(600);
            letItEnd();

            int back = 0;
            RecoverReply reply;
            do {
                reply = recover();
                back += reply.recovered().size();
            } while (reply.more());

            assertThat(back).isEqualTo(1200);
        }

        @Test
        void recovered_jobs_go_to_the_front_in_their_old_order() {
            List<String> ids = ready(6);
            claim(newId(), 3, SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover().recovered())).containsExactlyInAnyOrderElementsOf(ids.subList(0, 3));

            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }

        @Test
        void jobs_of_several_leases_keep_their_old_order_too() {
            List<String> ids = ready(6);
            claim(newId(), 2, SHORT_MILLIS / 2);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }

        @Test
        void jobs_recovered_in_one_call_go_back_in_the_order_of_their_ids() {
            List<String> ids = newIds(4);
            stored(List.of(job(ids.get(3)), job(ids.get(1)), job(ids.get(2)), job(ids.get(0))));
            claim(newId(), 2, SHORT_MILLIS);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover().recovered())).isEqualTo(ids);

            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }

        @Test
        void a_recovered_job_is_claimed_alone() {
            List<String> ids = ready(3);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();
            recover();
            String high = stored(List.of(job(newId(), 9))).get(0);

            assertThat(ids(claim(10))).as("the batch ends before it").containsExactly(high);
            assertThat(ids(claim(10))).containsExactly(ids.get(0));
            assertThat(ids(claim(10))).containsExactly(ids.get(1));
            assertThat(ids(claim(10))).containsExactly(ids.get(2));
        }

        @Test
        void a_job_stays_suspect_after_a_release_or_a_retry() {
            List<String> ids = ready(2);
            claim(newId(), 1, SHORT_MILLIS);
            letItEnd();
            recover();
            release(claimOne(), 0);

            assertThat(ids(claim(10))).containsExactly(ids.get(0));
        }

        @Test
        void a_job_whose_leases_ended_too_often_is_dead() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();
            recover(2);
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover(2);
            claimOne(SHORT_MILLIS);
            letItEnd();

            RecoverReply reply = recover(2);
            assertThat(reply.recovered()).isEmpty();
            assertThat(named(reply.dead())).containsExactly(claim.id());
            assertThat(reply.more()).isFalse();

            JobSnapshot job = found(claim.id());
            assertThat(job.state()).isEqualTo(JobState.DEAD);
            assertThat(job.lostLeases()).isEqualTo(3);
            assertThat(job.failures()).isZero();
            assertThat(job.failure()).isEqualTo(bytes("its lease ended too often"));
            assertThat(job.body()).isEqualTo(claim.body());
            assertThat(job.timeMillis()).isPositive();
        }

        @Test
        void a_page_that_cannot_be_is_refused_with_its_range() {
            need(Ability.LISTS);

            assertThatThrownBy(() -> get(lists().list(queue, JobState.READY, -1, 10)))
                    .hasMessageContaining("an offset of 0 or more, got READY and -1");
            assertThatThrownBy(() -> get(lists().list(queue, JobState.READY, 0, -1)))
                    .hasMessageContaining("limit must be 1 to 1000, got -1");
            assertThatThrownBy(() -> get(lists().list(queue, JobState.CANCELLED, 0, 1)))
                    .hasMessageContaining("list takes")
                    .hasMessageContaining("got CANCELLED");
        }

        @Test
        void those_that_come_back_and_those_that_die_are_told_with_their_counts_and_the_beginning_of_their_records() {
            String id = newId();
            byte[] body = bytes("x".repeat(JobBrief.MOST) + "y");
            stored(List.of(NewJob.now(id, body, 4)));
            retry(claimOne(), 0);
            release(claimOne(), 0);
            claimOne(SHORT_MILLIS);
            letItEnd();

            JobBrief back = recover().recovered().get(0);
            claimOne(SHORT_MILLIS);
            letItEnd();
            JobBrief dead = recover(1).dead().get(0);

            assertBrief(back, id, Arrays.copyOf(body, JobBrief.MOST), 1, 1, 1);
            assertBrief(dead, id, Arrays.copyOf(body, JobBrief.MOST), 1, 2, 1);
            assertThat(dead.attempt()).as("four runs").isEqualTo(4);
        }

        @Test
        void the_beginning_of_a_short_record_is_all_of_it_and_nothing_of_the_failure_kept_beside_it() {
            Claim claim = running(LONG_MILLIS);
            retry(claim, 0);
            claimOne(SHORT_MILLIS);
            letItEnd();

            assertBrief(recover().recovered().get(0), claim.id(), claim.body(), 1, 1, 0);
        }

        @Test
        void with_no_lost_lease_allowed_the_first_one_kills() {
            Claim claim = running(SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover(0).dead())).containsExactly(claim.id());
        }

        @Test
        void no_more_leases_are_looked_at_than_said() {
            Claim first = running(SHORT_MILLIS / 2);
            running(SHORT_MILLIS);
            letItEnd();

            RecoverReply reply = get(sweeps().recover(queue, 1, 3, FAILURE));

            assertThat(named(reply.recovered())).containsExactly(first.id());
            assertThat(named(recover().recovered())).hasSize(1);
        }

        @Test
        void what_was_settled_under_a_lease_is_not_recovered() {
            List<String> ids = ready(4);
            List<Claim> claims = claim(newId(), 4, SHORT_MILLIS).claims();
            complete(claims.get(0));
            retry(claims.get(1), LONG_MILLIS);
            die(claims.get(2));
            letItEnd();

            assertThat(named(recover().recovered())).containsExactly(ids.get(3));
            assertThat(counts()).isEqualTo(new QueueCounts(1, 1, 0, 1, 4, 1, 0));
        }

        @Test
        void a_lease_of_a_thousand_jobs_is_recovered() {
            List<String> ids = ready(Broker.MAX_BATCH);
            claim(newId(), Broker.MAX_BATCH, SHORT_MILLIS);
            letItEnd();

            List<String> recovered = new ArrayList<>();
            for (List<String> some = named(recover().recovered());
                    !some.isEmpty();
                    some = named(recover().recovered())) {
                recovered.addAll(some);
            }

            assertThat(recovered).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(ids(list(JobState.READY))).isEqualTo(ids);
        }
    }

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

            assertThat(counts()).isEqualTo(new QueueCounts(2, 0, 0, 0, 3, 0, 1));
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

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 1, 0, 2, 0, 1));
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

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 2, 0, 2));
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
            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 1, 2, 1, 0));
        }

        @Test
        void a_job_that_waits_for_its_next_try_is_cancelled() {
            Claim claim = running();
            retry(claim, LONG_MILLIS);

            assertThat(cancel(claim.id())).isEqualTo(CancelReply.CANCELLED);

            assertThat(counts()).isEqualTo(new QueueCounts(0, 0, 0, 0, 1, 0, 1));
        }

        private CancelReply cancel(String id) {
            return get(cancellation().cancel(queue, id));
        }
    }

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
            assertThat(get(sweeps().trim(queue, 0, LONG_MILLIS, 10)))
                    .isEqualTo(1);
            assertThat(findBy(trimmed, ofTrimmed)).isEmpty();

            String purged = newId();
            String ofPurged = receiptOf(purged);
            assertThat(get(operations().purge(queue, JobState.READY, 10))
                            .removed())
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
    class Listening {

        private final RecordingListener listener = new RecordingListener(patience());

        /** A worker that has found the queue empty and waits. */
        private void idleWorker() {
            listen("idle", listener);
            get(broker().claim(queue, new ClaimRequest("idle", newId(), 1, LONG_MILLIS)));
            listener.forget();
        }

        @Test
        void an_idle_worker_hears_of_a_new_job() {
            idleWorker();
            readyOne();
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_a_job_stored_by_another_process() {
            Broker other = another();
            idleWorker();
            enqueue(other, List.of(job(newId())));
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_promoted_jobs() {
            Duration delay = Duration.ofMillis(500);
            delayed(1, delay.toMillis());
            // Long enough that the worker finds the queue empty even on a slow machine.
            idleWorker();
            advance(delay);
            get(sweeps().promote(queue, 10));
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_released_jobs() {
            Claim claim = running();
            idleWorker();
            release(claim, 0);
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_of_recovered_jobs() {
            running(SHORT_MILLIS);
            idleWorker();
            letItEnd();
            recover();
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_when_a_delayed_job_becomes_the_earliest() {
            delayed(1, 2 * LONG_MILLIS);
            idleWorker();
            delayed(1, LONG_MILLIS);
            listener.await("ready " + queue);
        }

        @Test
        void an_idle_worker_hears_when_a_retry_becomes_the_earliest() {
            Claim claim = running();
            idleWorker();
            retry(claim, LONG_MILLIS);
            listener.await("ready " + queue);
        }

        @Test
        void a_worker_hears_of_a_cancel_request() {
            Claim claim = running();
            listen("worker-" + claim.token(), listener);
            get(cancellation().cancel(queue, claim.id()));
            listener.await("cancelRequested " + queue + " " + claim.id());
        }

        @Test
        void a_client_hears_of_the_end_of_jobs_that_it_asked_about() {
            ready(3);
            List<Claim> claims = claim(3).claims();
            listen(null, listener);
            claims.forEach(claim -> get(lookUp().find(queue, claim.id(), true)));

            complete(claims.get(0));
            die(claims.get(1));
            fail(new Completion.Cancelled(claims.get(2).id(), claims.get(2).token()));

            claims.forEach(claim -> listener.await("finished " + queue + " " + claim.id()));
        }

        @Test
        void a_client_that_names_no_queue_hears_of_the_jobs_that_it_asked_about() {
            Claim claim = running();
            listenTo(null, Set.of(), listener);
            get(lookUp().find(queue, claim.id(), true));
            complete(new Completion.Succeeded(claim.id(), claim.token(), bytes("42"), LONG_MILLIS));
            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void a_client_hears_of_a_job_that_is_cancelled_before_it_starts() {
            String ready = readyOne();
            String scheduled = delayed(1, LONG_MILLIS).get(0);
            listen(null, listener);
            for (String id : List.of(ready, scheduled)) {
                get(lookUp().find(queue, id, true));
                get(cancellation().cancel(queue, id));
                listener.await("finished " + queue + " " + id);
            }
        }

        @Test
        void a_client_hears_of_a_job_whose_leases_ended_too_often() {
            Claim claim = running(SHORT_MILLIS);
            listen(null, listener);
            get(lookUp().find(queue, claim.id(), true));
            letItEnd();
            recover(0);
            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void the_end_of_a_retried_job_is_told_when_it_comes() {
            Claim claim = running();
            listen(null, listener);
            get(lookUp().find(queue, claim.id(), true));
            retry(claim, 0);
            complete(claimOne());
            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void a_client_hears_of_nothing_but_finished_jobs() {
            Claim running = running();
            listen(null, listener);
            get(lookUp().find(queue, running.id(), true));
            readyOne();
            get(cancellation().cancel(queue, running.id()));
            complete(running);
            listener.await("finished " + queue + " " + running.id());
            assertThat(listener.heard()).containsOnly("finished " + queue + " " + running.id());
        }

        @Test
        void a_listener_that_throws_disturbs_nobody() {
            Claim claim = running();
            listen(null, new ThrowingListener());
            listen(null, listener);
            get(lookUp().find(queue, claim.id(), true));

            assertThat(complete(claim)).isEqualTo(SETTLED);

            listener.await("finished " + queue + " " + claim.id());
        }

        @Test
        void closing_a_subscription_twice_is_fine() {
            Subscription subscription = broker().listen("idle", Set.of(queue), listener);
            subscription.close();
            subscription.close();
        }
    }

    @Nested
    class Closing {

        @Test
        void a_closed_broker_refuses_every_call() {
            Stream.of(
                            Ability.LEASES,
                            Ability.SWEEPS,
                            Ability.LOOK_UP,
                            Ability.CANCEL,
                            Ability.LISTS,
                            Ability.LIMITS)
                    .forEach(BrokerContract.this::need);

            Broker closed = newBroker();
            closed.open();
            closed.close();

            List<CompletableFuture<?>> calls = List.of(
                    closed.enqueue(queue, List.of(job(newId()))),
                    closed.claim(queue, request(newId(), 1, LONG_MILLIS)),
                    closed.complete(queue, List.of(), request(newId(), 1, LONG_MILLIS)),
                    closed.fail(queue, List.of(new Completion.Dead(newId(), newId(), FAILURE))),
                    closed.release(queue, List.of(new Completion.Release(newId(), newId(), 0))),
                    closed.leases().extend(queue, List.of(newId()), LONG_MILLIS),
                    closed.sweeps().promote(queue, 1),
                    closed.sweeps().survey(List.of(queue)),
                    closed.sweeps().recover(queue, 1, 3, FAILURE),
                    closed.cancellation().cancel(queue, newId()),
                    closed.lookUp().find(queue, newId(), false),
                    closed.lists().counts(queue),
                    closed.lists().list(queue, JobState.READY, 0, 1),
                    closed.limits().limit(queue, LimitScope.QUEUE, null),
                    closed.limits().limits(queue));

            assertThat(calls)
                    .allSatisfy(call -> assertThatThrownBy(() -> get(call))
                            .isInstanceOfSatisfying(
                                    BrokerException.class,
                                    e -> assertThat(e.outcome()).isEqualTo(BrokerException.Outcome.REFUSED)));
        }

        @Test
        void closing_twice_is_fine() {
            Broker closed = newBroker();
            closed.open();
            closed.close();
            closed.close();
        }
    }

    @Nested
    class Storm {

        /** Eight workers do everything that workers do, at random; then the invariants must hold and every job end. */
        @Test
        void whatever_eight_workers_do_together_no_job_is_lost_or_run_by_two() {
            int jobs = 1000;
            Set<String> stored = new HashSet<>(ready(jobs));

            List<List<String>> completed = together(8, () -> work(another(), newId()));

            List<String> all = completed.stream().flatMap(List::stream).toList();
            assertThat(all).doesNotHaveDuplicates();
            assertThat(stored).containsAll(all);
            QueueCounts counts = counts();
            assertThat(counts.succeeded()).isEqualTo(all.size());
            assertThat(counts.succeeded() + counts.dead() + counts.cancelled()).isEqualTo(jobs);
        }

        private List<String> work(Broker broker, String seed) {
            Random random = new Random(seed.hashCode());
            List<String> completed = new ArrayList<>();
            while (true) {
                List<Claim> claims = get(broker.claim(queue, request(newId(), 5, LONG_MILLIS)))
                        .claims();
                if (claims.isEmpty()) {
                    return completed;
                }
                for (Claim claim : claims) {
                    int dice = random.nextInt(20);
                    if (dice == 0) {
                        get(broker.fail(queue, List.of(new Completion.Dead(claim.id(), claim.token(), FAILURE))));
                    } else if (dice == 1) {
                        get(broker.fail(queue, List.of(new Completion.Cancelled(claim.id(), claim.token()))));
                    } else if (dice < 4) {
                        get(broker.fail(queue, List.of(new Completion.Retry(claim.id(), claim.token(), 0, FAILURE))));
                    } else if (dice < 6) {
                        get(broker.release(queue, List.of(new Completion.Release(claim.id(), claim.token(), 0))));
                    } else {
                        get(broker.complete(queue, List.of(succeeded(claim)), null));
                        completed.add(claim.id());
                    }
                }
            }
        }
    }

    private static final class ThrowingListener implements BrokerListener {

        @Override
        public void ready(String queue) {
            throw new IllegalStateException("a listener that throws");
        }

        @Override
        public void finished(String queue, String id) {
            throw new IllegalStateException("a listener that throws");
        }

        @Override
        public void cancelRequested(String queue, String id) {
            throw new IllegalStateException("a listener that throws");
        }
    }
}
