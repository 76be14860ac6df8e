package io.tidemill.conformance;

import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.Completion;
import io.tidemill.broker.NewJob;
import io.tidemill.task.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. How jobs are handed out. */
public abstract class ClaimContract extends OrderContract {

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
            assertThat(claim.failures() + claim.lostLeases() + claim.releases()).isZero();
            assertThat(claim.attempt()).isEqualTo(1);
        }

        @Test
        void a_claimed_job_is_active() {
            Claim claim = running();

            assertThat(stateOf(claim.id())).isEqualTo(JobState.ACTIVE);
            assertThat(counts()).isEqualTo(counted(0, 0, 1, 0, 1, 0, 0));
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
            assertThat(counts()).isEqualTo(counted(2, 0, 3, 0, 5, 0, 0));
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
            claims.forEach(ClaimContract.this::complete);

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
            assertThat(counts()).isEqualTo(counted(0, 0, 0, 0, jobs, jobs, 0));
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
}
