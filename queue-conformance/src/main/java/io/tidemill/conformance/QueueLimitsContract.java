package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.CompleteReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Limits of a whole queue, and how limits are set. */
public abstract class QueueLimitsContract extends GroupLimitsContract {

    @Nested
    class QueueLimited {

        @Test
        void no_more_run_than_allowed_over_all_workers() {
            limit(LimitScope.QUEUE, Limit.concurrency(3));
            ready(5);
            readyOf("a", 5);

            List<Claim> first = claim(2).claims();
            List<Claim> second = claim(10).claims();
            assertThat(first).hasSize(2);
            assertThat(second).hasSize(1);
            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);

            complete(first.get(0));
            retry(second.get(0), LONG_MILLIS);
            assertThat(claim(10).claims()).hasSize(2);
        }

        @Test
        void all_ready_jobs_are_held_back_while_a_limit_of_the_queue_is_reached() {
            ready(3);
            readyOf("a", 2);
            limit(LimitScope.QUEUE, Limit.concurrency(1));
            assertThat(counts().held()).isZero();

            Claim claim = claimOne();
            assertThat(counts().held()).isEqualTo(4);

            complete(claim);
            assertThat(counts().held()).isZero();

            limit(LimitScope.QUEUE, Limit.rate(1, Duration.ofHours(1)));
            claimOne();
            assertThat(counts().held()).isEqualTo(3);

            get(limits().limit(queue, LimitScope.QUEUE, null));
            assertThat(counts().held()).isZero();
        }

        @Test
        void the_claim_in_the_same_call_sees_the_room_that_completions_make() {
            limit(LimitScope.QUEUE, Limit.concurrency(2));
            List<String> ids = ready(6);
            List<Claim> claims = claim(10).claims();

            CompleteReply reply = get(broker().complete(
                            queue,
                            claims.stream().map(BrokerHarness::succeeded).toList(),
                            request(newId(), 10, LONG_MILLIS)));

            assertThat(ids(claimed(reply))).isEqualTo(ids.subList(2, 4));
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void each_way_out_makes_room_for_the_next() {
            limit(LimitScope.QUEUE, Limit.concurrency(1));
            List<String> ids = ready(6);

            complete(claimOne());
            retry(claimOne(), LONG_MILLIS);
            die(claimOne());
            release(claimOne(), LONG_MILLIS);
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover(0);

            assertThat(claimOne().id()).isEqualTo(ids.get(5));
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void an_idle_worker_hears_that_there_is_room() {
            limit(LimitScope.QUEUE, Limit.concurrency(1));
            ready(2);
            Claim claim = claimOne();
            RecordingListener listener = idleWorker(1);

            retry(claim, LONG_MILLIS);

            listener.await("ready " + queue);
        }

        @Test
        void a_limit_that_comes_later_counts_what_runs_already() {
            ready(6);
            List<Claim> running = claim(3).claims();

            limit(LimitScope.QUEUE, Limit.concurrency(2));
            assertThat(claim(10).claims()).isEmpty();
            complete(running.get(0));
            assertThat(claim(10).claims()).isEmpty();
            complete(running.get(1));

            assertThat(claim(10).claims()).hasSize(1);
        }

        @Test
        void a_limit_that_was_removed_holds_no_more() {
            limit(LimitScope.QUEUE, Limit.concurrency(1), HARDLY_EVER);
            ready(5);
            claim(10);

            get(limits().limit(queue, LimitScope.QUEUE, null));

            assertThat(claim(10).claims()).hasSize(4);
            limit(LimitScope.QUEUE, Limit.concurrency(5));
            readyOne();
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void a_queue_starts_its_burst_and_then_waits() {
            limit(LimitScope.QUEUE, HARDLY_EVER.burst(4));
            List<String> ids = ready(6);

            ClaimReply first = claim(3);
            assertThat(ids(first)).isEqualTo(ids.subList(0, 3));
            assertThat(first.moreInMillis()).isZero();
            ClaimReply second = claim(3);
            assertThat(ids(second)).isEqualTo(ids.subList(3, 4));
            assertThat(second.moreInMillis()).isBetween(LONG_MILLIS - 60_000, LONG_MILLIS);
            assertThat(claim(3).claims()).isEmpty();
        }

        @Test
        void the_next_job_comes_when_its_time_has_come() {
            limit(LimitScope.QUEUE, Limit.rate(1, Duration.ofMillis(SHORT_MILLIS)));
            List<String> ids = ready(3);
            assertThat(ids(claim(10))).containsExactly(ids.get(0));
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(ids.get(1));
        }

        @Test
        void jobs_that_never_end_do_not_hold_up_a_rate() {
            limit(LimitScope.QUEUE, Limit.rate(1, Duration.ofMillis(SHORT_MILLIS)));
            List<String> ids = ready(3);

            for (String id : ids) {
                assertThat(ids(claim(10))).containsExactly(id);
                letItEnd();
            }

            assertThat(counts().active()).isEqualTo(3);
        }

        @Test
        void a_job_that_a_rate_holds_up_is_still_ready_and_first_in_its_line() {
            limit(LimitScope.QUEUE, HARDLY_EVER);
            List<String> ids = ready(2);
            claim(10);
            claim(10);
            ids = List.of(ids.get(1), readyOne());

            assertThat(counts().ready()).isEqualTo(2);
            assertThat(counts().scheduled()).isZero();
            get(limits().limit(queue, LimitScope.QUEUE, null));
            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void delayed_jobs_become_ready_while_a_limit_holds_the_queue_up() {
            limit(LimitScope.QUEUE, Limit.concurrency(1));
            running();
            delayed(2, SHORT_MILLIS);
            letItEnd();

            assertThat(claim(10).claims()).isEmpty();

            assertThat(counts().ready()).isEqualTo(2);
        }

        @Test
        void a_job_that_is_tried_again_under_a_limit_of_one_finds_room() {
            limit(LimitScope.QUEUE, Limit.concurrency(1));
            readyOne();
            for (int run = 0; run < 5; run++) {
                Claim claim = claimOne();
                assertThat(claim.failures()).isEqualTo(run);
                retry(claim, run % 2 == 0 ? 0 : SHORT_MILLIS);
                letItEnd();
            }
            complete(claimOne());
            assertThat(counts().succeeded()).isOne();
        }

        @Test
        void a_claim_that_is_asked_twice_starts_nothing_more() {
            limit(LimitScope.QUEUE, HARDLY_EVER.burst(3));
            ready(5);
            String token = newId();
            claim(token, 2, LONG_MILLIS);

            assertThat(claim(token, 2, LONG_MILLIS).claims()).hasSize(2);

            assertThat(claim(5).claims()).hasSize(1);
        }

        @Test
        void limits_of_a_queue_are_not_those_of_another() {
            get(limits().limit(queue + "-other", LimitScope.QUEUE, Limits.of(List.of(Limit.concurrency(1)))));
            ready(3);

            assertThat(claim(10).claims()).hasSize(3);
        }
    }

    @Nested
    class Limiting {

        @Test
        void limits_are_read_as_they_were_set() {
            assertThat(get(limits().limits(queue))).isEqualTo(QueueLimits.NONE);
            Limits queueWide =
                    Limits.of(List.of(Limit.rate(10, Duration.ofSeconds(1)).burst(20), Limit.concurrency(7)));
            Limits each = Limits.of(List.of(Limit.concurrency(1)));
            Limits one =
                    Limits.of(List.of(Limit.rate(1_000_000, Duration.ofDays(1)).burst(1_000_000)));

            get(limits().limit(queue, LimitScope.QUEUE, queueWide));
            get(limits().limit(queue, LimitScope.GROUPS, each));
            get(limits().limit(queue, LimitScope.group("groups"), one));
            get(limits().limit(queue, LimitScope.group("free"), Limits.NONE));

            assertThat(get(limits().limits(queue)))
                    .isEqualTo(QueueLimits.NONE
                            .with(LimitScope.QUEUE, queueWide)
                            .with(LimitScope.GROUPS, each)
                            .with(LimitScope.group("groups"), one)
                            .with(LimitScope.group("free"), Limits.NONE));
        }

        @Test
        void limits_are_replaced_and_removed_scope_by_scope() {
            limit(LimitScope.QUEUE, HARDLY_EVER, Limit.concurrency(7));
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            limit(LimitScope.group("a"), Limit.concurrency(2));

            limit(LimitScope.QUEUE, Limit.concurrency(8));
            get(limits().limit(queue, LimitScope.group("a"), null));

            assertThat(get(limits().limits(queue)))
                    .isEqualTo(QueueLimits.NONE
                            .with(LimitScope.QUEUE, new Limits(null, Limit.concurrency(8)))
                            .with(LimitScope.GROUPS, new Limits(null, Limit.concurrency(1))));
            get(limits().limit(queue, LimitScope.GROUPS, null));
            get(limits().limit(queue, LimitScope.QUEUE, null));
            assertThat(get(limits().limits(queue))).isEqualTo(QueueLimits.NONE);
        }

        @Test
        void limits_that_are_set_as_they_are_let_nobody_be_looked_at() {
            limit(LimitScope.GROUPS, HARDLY_EVER);
            limit(LimitScope.group("b"), HARDLY_EVER);
            readyOf("a", 2);
            readyOf("b", 2);
            assertThat(claim(10).claims()).hasSize(2);
            assertThat(survey().due()).isFalse();

            limit(LimitScope.GROUPS, HARDLY_EVER);
            limit(LimitScope.group("b"), HARDLY_EVER);
            get(limits().limit(queue, LimitScope.group("c"), null));
            assertThat(survey().due()).isFalse();

            limit(LimitScope.QUEUE, Limit.concurrency(100));
            limit(LimitScope.group("c"), HARDLY_EVER);
            assertThat(survey().due()).as("of what holds for neither").isFalse();
        }

        @Test
        void a_limit_of_one_group_lets_that_group_be_looked_at() {
            limit(LimitScope.GROUPS, HARDLY_EVER);
            List<String> a = readyOf("a", 2);
            readyOf("b", 2);
            claim(10);

            limit(LimitScope.group("a"));

            assertThat(ids(claim(10))).containsExactly(a.get(1));
        }

        @Test
        void another_process_is_bound_by_them() {
            limit(LimitScope.QUEUE, Limit.concurrency(1));
            ready(3);
            Broker other = another();

            List<Claim> claims = Stream.of(broker(), other, broker())
                    .flatMap(by -> get(by.claim(queue, request(newId(), 5, LONG_MILLIS))).claims().stream())
                    .toList();

            assertThat(claims).hasSize(1);
        }

        /** Lower bounds only: how much time passed at most is not ours to say. */
        @Test
        void in_no_stretch_of_time_do_more_start_than_burst_and_rate_allow() {
            limit(
                    LimitScope.QUEUE,
                    Limit.rate(1, Duration.ofMillis(SHORT_MILLIS)).burst(2));
            ready(8);
            long begun = System.nanoTime();
            int started = 0;
            long waited = 0;
            for (int round = 0; started < 8 && round < 1000; round++) {
                ClaimReply reply = claim(10);
                started += reply.claims().size();
                if (started < 8) {
                    assertThat(reply.moreInMillis()).isPositive();
                    advance(Duration.ofMillis(reply.moreInMillis()));
                    waited += reply.moreInMillis();
                }
            }
            long passed = Math.max(waited, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));

            assertThat(started).isEqualTo(8);
            assertThat(passed).as("ms passed").isGreaterThanOrEqualTo(6 * SHORT_MILLIS - 5);
        }
    }
}
