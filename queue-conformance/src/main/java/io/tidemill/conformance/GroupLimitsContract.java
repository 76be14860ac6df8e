package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Survey;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.task.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Limits of groups: how many of one run at once, and how many start in a time. */
public abstract class GroupLimitsContract extends GroupPlacesContract {

    /** No second start within a test. */
    static final Limit.Rate HARDLY_EVER = Limit.rate(1, LONG);

    Survey survey() {
        return get(sweeps().survey(List.of(queue))).get(0);
    }

    @Nested
    class GroupConcurrency {

        @Test
        void a_group_that_waited_for_room_goes_before_one_whose_job_comes_back() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 2);
            List<String> b = readyOf("b", 1);
            List<Claim> claims = claim(3).claims();
            assertThat(claims).extracting(Claim::id).containsExactly(a.get(0), b.get(0));

            get(broker().release(
                            queue,
                            List.of(
                                    new Completion.Release(
                                            b.get(0), claims.get(1).token(), 0),
                                    new Completion.Release(
                                            a.get(0), claims.get(0).token(), 0))));

            assertThat(claimedOneByOne()).containsExactly(a.get(0), b.get(0));
        }

        @Test
        void no_more_of_a_group_run_than_allowed_and_others_are_not_held_up() {
            limit(LimitScope.GROUPS, Limit.concurrency(2));
            List<String> a = readyOf("a", 5);
            List<String> b = readyOf("b", 1);

            assertThat(ids(claim(10))).containsExactly(a.get(0), b.get(0), a.get(1));
            assertThat(claim(10)).isEqualTo(ClaimReply.EMPTY);
            assertThat(counts().ready()).isEqualTo(3);
            assertThat(ids(list(JobState.READY))).isEqualTo(a.subList(2, 5));
        }

        @Test
        void each_way_out_makes_room_for_the_next() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 8);

            complete(claimOne());
            retry(claimOne(), LONG_MILLIS);
            die(claimOne());
            release(claimOne(), LONG_MILLIS);
            Claim cancelled = claimOne();
            fail(new Completion.Cancelled(cancelled.id(), cancelled.token()));
            Claim asked = claimOne();
            get(cancellation().cancel(queue, asked.id()));
            release(asked, 0);
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover(0);

            assertThat(claimOne().id()).isEqualTo(a.get(7));
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void ready_jobs_of_groups_that_have_to_wait_are_counted_as_held_back() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            limit(LimitScope.group("slow"), Limit.rate(1, Duration.ofHours(1)));
            readyOf("a", 3);
            readyOf("free", 1);
            readyOf("slow", 4);
            assertThat(counts().held()).as("no claim has come across a limit").isZero();

            List<Claim> claims = claim(10).claims();
            assertThat(counts().ready()).isEqualTo(5);
            assertThat(counts().held()).isEqualTo(5);

            complete(claims.get(0));
            assertThat(counts().held()).as("a may go on, and slow waits").isEqualTo(3);

            get(limits().limit(queue, LimitScope.group("slow"), null));
            assertThat(counts().held()).isZero();
        }

        @Test
        void room_of_a_killed_worker_comes_back_when_its_lease_is_recovered() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 2);
            claimOne(SHORT_MILLIS);
            letItEnd();
            assertThat(claim(10).claims()).isEmpty();

            recover();

            assertThat(ids(claim(10))).containsExactly(a.get(0));
        }

        @Test
        void the_claim_in_the_same_call_sees_the_room_that_a_completion_makes() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 3);
            Claim claim = claimOne();

            CompleteReply reply =
                    get(broker().complete(queue, List.of(succeeded(claim)), request(newId(), 10, LONG_MILLIS)));

            assertThat(ids(claimed(reply))).containsExactly(a.get(1));
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void one_at_a_time_means_in_order() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 20);

            List<String> ran = new ArrayList<>();
            for (ClaimReply reply = claim(10); !reply.claims().isEmpty(); reply = claim(10)) {
                assertThat(reply.claims()).hasSize(1);
                ran.addAll(ids(reply));
                complete(reply.claims().get(0));
            }

            assertThat(ran).isEqualTo(a);
        }

        @Test
        void an_idle_worker_hears_that_there_is_room() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            readyOf("a", 2);
            Claim claim = claimOne();
            RecordingListener listener = idleWorker(1);

            complete(claim);

            listener.await("ready " + queue);
        }

        @Test
        void a_group_that_waits_for_room_is_due_because_its_job_may_be_lost() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            readyOf("a", 2);
            Claim running = claimOne();
            assertThat(survey().due()).isTrue();

            complete(running);
            complete(claimOne());

            assertThat(survey().due()).isFalse();
        }

        @Test
        void a_limit_of_one_group_takes_the_place_of_that_of_all() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            limit(LimitScope.group("wide"), Limit.concurrency(3));
            limit(LimitScope.group("free"));
            readyOf("narrow", 5);
            readyOf("wide", 5);
            readyOf("free", 5);

            assertThat(claim(100).claims()).hasSize(1 + 3 + 5);
        }

        @Test
        void a_limit_that_is_raised_or_removed_holds_at_once() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 5);
            assertThat(claim(10).claims()).hasSize(1);

            limit(LimitScope.GROUPS, Limit.concurrency(2));
            assertThat(ids(claim(10))).containsExactly(a.get(1));

            get(limits().limit(queue, LimitScope.GROUPS, null));
            assertThat(ids(claim(10))).isEqualTo(a.subList(2, 5));
        }

        @Test
        void a_limit_that_comes_later_counts_what_runs_already() {
            readyOf("a", 5);
            List<Claim> running = claim(2).claims();

            limit(LimitScope.GROUPS, Limit.concurrency(2));
            assertThat(claim(10).claims()).isEmpty();

            complete(running.get(0));
            assertThat(claim(10).claims()).hasSize(1);
        }

        @Test
        void an_idle_worker_hears_of_a_limit_that_is_removed() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            readyOf("a", 2);
            claimOne();
            RecordingListener listener = idleWorker(1);

            get(limits().limit(queue, LimitScope.GROUPS, null));

            listener.await("ready " + queue);
        }

        @Test
        void a_cancelled_job_gives_way_to_the_next_of_its_group() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 3);
            Claim claim = claimOne();
            get(cancellation().cancel(queue, a.get(1)));
            complete(claim);

            assertThat(ids(claim(10))).containsExactly(a.get(2));
        }

        @Test
        void a_group_whose_jobs_were_all_cancelled_begins_anew() {
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> a = readyOf("a", 2);
            Claim claim = claimOne();
            get(cancellation().cancel(queue, a.get(1)));
            complete(claim);
            assertThat(claim(10).claims()).isEmpty();

            assertThat(ids(claim(10))).isEqualTo(List.of());
            List<String> next = readyOf("a", 1);
            assertThat(ids(claim(10))).isEqualTo(next);
        }

        /** Whatever happens in whatever order, the limit holds and nothing gets stuck. */
        @Test
        void the_limit_holds_whatever_happens() {
            limit(LimitScope.GROUPS, Limit.concurrency(2));
            limit(LimitScope.group("g0"), Limit.concurrency(1));
            Map<String, String> groupOf = new HashMap<>();
            List<Claim> running = new ArrayList<>();
            Random random = new Random(20261120);
            for (int step = 0; step < 400; step++) {
                switch (random.nextInt(9)) {
                    case 0, 1 -> {
                        String group = "g" + random.nextInt(4);
                        readyOf(group, 1 + random.nextInt(5)).forEach(id -> groupOf.put(id, group));
                    }
                    case 2, 3, 4 -> running.addAll(claim(1 + random.nextInt(6)).claims());
                    default -> {
                        if (!running.isEmpty()) {
                            running.addAll(end(running.remove(random.nextInt(running.size())), random));
                        }
                    }
                }
                assertLimits(running, groupOf);
            }
            letItEnd();
            for (int step = 0; step < 10_000 && counts().ready() + counts().scheduled() > 0; step++) {
                running.addAll(claim(10).claims());
                assertLimits(running, groupOf);
                assertThat(running).as("somebody can go on").isNotEmpty();
                complete(running.remove(0));
            }
            assertThat(counts().ready() + counts().scheduled()).isZero();
        }

        private List<Claim> end(Claim claim, Random random) {
            switch (random.nextInt(7)) {
                case 0 -> retry(claim, random.nextInt(2) * 20L);
                case 1 -> release(claim, random.nextInt(2) * 20L);
                case 2 -> die(claim);
                case 3 -> {
                    get(cancellation().cancel(queue, claim.id()));
                    retry(claim, 0);
                }
                case 4 -> {
                    return claimed(get(broker().complete(
                                            queue, List.of(succeeded(claim)), request(newId(), 2, LONG_MILLIS))))
                            .claims();
                }
                default -> complete(claim);
            }
            return List.of();
        }

        private void assertLimits(List<Claim> running, Map<String, String> groupOf) {
            Map<String, Integer> sizes = new HashMap<>();
            running.forEach(claim -> sizes.merge(groupOf.getOrDefault(claim.id(), "?"), 1, Integer::sum));
            sizes.forEach((group, size) ->
                    assertThat(size).as("of %s run", group).isLessThanOrEqualTo(group.equals("g0") ? 1 : 2));
        }
    }

    @Nested
    class GroupRate {

        @Test
        void a_group_starts_its_burst_and_then_waits() {
            limit(LimitScope.GROUPS, HARDLY_EVER.burst(3));
            List<String> a = readyOf("a", 5);

            assertThat(ids(claim(10))).isEqualTo(a.subList(0, 3));
            ClaimReply more = claim(10);
            assertThat(more.claims()).isEmpty();
            assertThat(more.moreInMillis()).isBetween(LONG_MILLIS - 60_000, LONG_MILLIS);
        }

        @Test
        void others_are_not_held_up() {
            limit(LimitScope.GROUPS, HARDLY_EVER);
            List<String> a = readyOf("a", 3);
            List<String> b = readyOf("b", 2);
            List<String> plain = ready(3);

            assertThat(ids(claim(10))).containsExactly(plain.get(0), a.get(0), plain.get(1), b.get(0), plain.get(2));
            List<String> c = readyOf("c", 1);
            assertThat(ids(claim(10))).isEqualTo(c);
        }

        @Test
        void a_job_that_was_retried_waits_for_its_turn_like_any_other() {
            limit(LimitScope.GROUPS, HARDLY_EVER.burst(2));
            List<String> a = readyOf("a", 2);
            retry(claimOne(), 0);
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(a.get(1));
            assertThat(counts().ready()).isEqualTo(1);
        }

        @Test
        void the_next_job_comes_when_its_time_has_come() {
            limit(LimitScope.GROUPS, Limit.rate(1, Duration.ofMillis(SHORT_MILLIS)));
            List<String> a = readyOf("a", 2);
            ClaimReply first = claim(10);
            assertThat(ids(first)).containsExactly(a.get(0));
            assertThat(first.moreInMillis()).isBetween(0L, SHORT_MILLIS);
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(a.get(1));
        }

        @Test
        void promote_lets_groups_go_on_and_wakes_an_idle_worker() {
            limit(LimitScope.GROUPS, Limit.rate(1, Duration.ofMillis(SHORT_MILLIS)));
            List<String> a = readyOf("a", 2);
            RecordingListener listener = idleWorker(2);
            letItEnd();

            get(sweeps().promote(queue, 100));

            listener.await("ready " + queue);
            assertThat(ids(claim(10))).containsExactly(a.get(1));
        }

        @Test
        void a_rate_that_is_removed_holds_nobody_up() {
            limit(LimitScope.GROUPS, HARDLY_EVER);
            List<String> a = readyOf("a", 4);
            claim(10);

            limit(LimitScope.group("a"));

            assertThat(ids(claim(10))).isEqualTo(a.subList(1, 4));
        }

        @Test
        void both_kinds_hold_together() {
            limit(LimitScope.GROUPS, HARDLY_EVER.burst(3), Limit.concurrency(1));
            readyOf("a", 5);
            for (int i = 0; i < 3; i++) {
                List<Claim> claims = claim(10).claims();
                assertThat(claims).hasSize(1);
                complete(claims.get(0));
            }

            assertThat(claim(10).claims()).isEmpty();
        }
    }
}
