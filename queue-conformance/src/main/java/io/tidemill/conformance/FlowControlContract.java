package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Survey;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueCounts;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The part of the {@link BrokerContract} that is about groups and limits. */
public abstract class FlowControlContract extends BrokerConstraintsContract {

    /** No second start within a test. */
    private static final Limit.Rate HARDLY_EVER = Limit.rate(1, LONG);

    protected static NewJob grouped(String id, String group) {
        return job(id).with(JobConstraints.NONE.withGroup(group));
    }

    /** Stores this many jobs of a group, at once. */
    protected final List<String> readyOf(String group, int count) {
        return stored(newIds(count).stream().map(id -> grouped(id, group)).toList());
    }

    protected final void limit(LimitScope scope, Limit... limits) {
        get(limits().limit(queue, scope, Limits.of(List.of(limits))));
    }

    private Survey survey() {
        return get(sweeps().survey(List.of(queue))).get(0);
    }

    /** A worker that asked for so many, came away with fewer, and waits. */
    private RecordingListener idleWorker(int limit) {
        RecordingListener listener = new RecordingListener(patience());
        listen("idle", listener);
        get(broker().claim(queue, new ClaimRequest("idle", newId(), limit, LONG_MILLIS)));
        listener.forget();
        return listener;
    }

    /** Claims one after the other, and completes none, until nothing comes. */
    private List<String> claimedOneByOne() {
        List<String> ids = new ArrayList<>();
        for (ClaimReply reply = claim(1); !reply.claims().isEmpty(); reply = claim(1)) {
            ids.addAll(ids(reply));
        }
        return ids;
    }

    private static ClaimReply claimed(CompleteReply reply) {
        return Objects.requireNonNull(reply.claimed());
    }

    private static List<String> interleaved(List<List<String>> lists) {
        List<String> all = new ArrayList<>();
        int longest = lists.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (List<String> list : lists) {
                if (i < list.size()) {
                    all.add(list.get(i));
                }
            }
        }
        return all;
    }

    @Nested
    class Groups {

        @Test
        void a_job_with_a_group_is_ready_and_claimed_with_all_that_was_stored() {
            String id = newId();
            stored(List.of(NewJob.now(id, everyByte(), 7).with(JobConstraints.NONE.withGroup("ada"))));
            assertThat(stateOf(id)).isEqualTo(JobState.READY);
            assertThat(counts().ready()).isEqualTo(1);

            Claim claim = claimOne();

            assertThat(claim.body()).isEqualTo(everyByte());
            assertThat(claim.priority()).isEqualTo(7);
            assertThat(complete(claim)).isEqualTo(SETTLED);
            assertThat(find(id)).isEmpty();
        }

        @Test
        void groups_take_turns_whatever_their_sizes() {
            List<String> big = readyOf("big", 40);
            List<String> small = readyOf("small", 2);
            List<String> middle = readyOf("middle", 10);

            assertThat(claimedOneByOne()).isEqualTo(interleaved(List.of(big, small, middle)));
        }

        @Test
        void groups_take_turns_within_one_claim_too() {
            List<String> big = readyOf("big", 500);
            List<String> small = readyOf("small", 3);
            List<String> middle = readyOf("middle", 70);
            List<String> expected = interleaved(List.of(big, small, middle));

            List<String> claimed = new ArrayList<>();
            for (int limit : new int[] {7, 1, 100, 13, 1000}) {
                claimed.addAll(ids(claim(limit)));
            }

            assertThat(claimed).isEqualTo(expected);
        }

        @Test
        void more_groups_than_a_claim_takes_jobs_take_turns() {
            List<List<String>> ids = IntStream.range(0, 50)
                    .mapToObj(i -> readyOf("group-" + i, 3))
                    .toList();

            List<String> claimed = new ArrayList<>();
            for (int i = 0; i < 22; i++) {
                claimed.addAll(ids(claim(7)));
            }

            assertThat(claimed).isEqualTo(interleaved(ids));
        }

        @Test
        void a_group_that_comes_back_goes_behind_those_that_wait() {
            readyOf("a", 1);
            List<String> b = readyOf("b", 2);
            claimOne();

            List<String> a = readyOf("a", 1);

            assertThat(claimedOneByOne()).containsExactly(b.get(0), a.get(0), b.get(1));
        }

        @Test
        void groups_whose_jobs_come_back_in_one_call_take_turns_in_its_order() {
            List<String> ids = stored(Stream.of("a", "b", "c")
                    .map(group -> grouped(newId(), group))
                    .toList());
            List<Claim> claims = claim(3).claims();

            get(broker().release(
                            queue,
                            claims.stream()
                                    .map(claim -> new Completion.Release(claim.id(), claim.token(), 0))
                                    .toList()));

            assertThat(claimedOneByOne()).isEqualTo(ids);
        }

        @Test
        void a_job_replaced_in_its_own_call_gives_its_group_no_turn() {
            Unique replace = Unique.untilDone("key").onConflict(Unique.Conflict.REPLACE);
            NewJob replaced =
                    job(newId()).with(JobConstraints.NONE.withGroup("a").withUnique(replace));
            NewJob b = job(newId()).with(JobConstraints.NONE.withGroup("b").withUnique(replace));
            enqueue(broker(), List.of(replaced, b));

            List<String> a = readyOf("a", 1);

            assertThat(claimedOneByOne()).containsExactly(b.id(), a.get(0));
        }

        @Test
        void jobs_of_a_group_ignore_their_priorities_among_themselves() {
            List<String> ids = stored(IntStream.range(0, 10)
                    .mapToObj(i -> job(newId(), i).with(JobConstraints.NONE.withGroup("ada")))
                    .toList());

            assertThat(ids(claim(10))).isEqualTo(ids);
        }

        @Test
        void jobs_without_a_group_alternate_with_the_turns_of_all_groups() {
            List<String> a = readyOf("a", 4);
            List<String> b = readyOf("b", 4);
            List<String> plain = ready(4);

            assertThat(claimedOneByOne())
                    .isEqualTo(List.of(
                            plain.get(0),
                            a.get(0),
                            plain.get(1),
                            b.get(0),
                            plain.get(2),
                            a.get(1),
                            plain.get(3),
                            b.get(1),
                            a.get(2),
                            b.get(2),
                            a.get(3),
                            b.get(3)));
        }

        /** What one line may bring at once must not leave the other lines nothing, claim after claim. */
        @Test
        void large_jobs_with_and_without_a_group_alternate_as_small_ones_do() {
            for (int bytes : new int[] {700_000, 200_000}) {
                List<String> plain = newIds(12);
                List<String> ada = newIds(6);
                List<String> bob = newIds(6);
                stored(plain.stream().map(id -> large(id, bytes)).toList());
                stored(inGroup("ada", ada, bytes));
                stored(inGroup("bob", bob, bytes));

                List<String> claimed = new ArrayList<>();
                for (ClaimReply reply = claim(100); !reply.claims().isEmpty(); reply = claim(100)) {
                    claimed.addAll(ids(reply));
                }

                assertThat(claimed).isEqualTo(interleaved(List.of(plain, interleaved(List.of(ada, bob)))));
            }
        }

        private static NewJob large(String id, int bytes) {
            return NewJob.now(id, new byte[bytes], 4);
        }

        private static List<NewJob> inGroup(String group, List<String> ids, int bytes) {
            return ids.stream()
                    .map(id -> large(id, bytes).with(JobConstraints.NONE.withGroup(group)))
                    .toList();
        }

        @Test
        void higher_priorities_go_before_groups_and_lower_ones_after() {
            String low = newId();
            String high = newId();
            stored(List.of(job(low, 3)));
            List<String> grouped = readyOf("a", 2);
            String plain = readyOne();
            stored(List.of(job(high, 5)));

            assertThat(ids(claim(10))).containsExactly(high, plain, grouped.get(0), grouped.get(1), low);
        }

        @Test
        void a_delayed_job_goes_to_the_end_of_its_group_when_it_is_due() {
            String later = newId();
            stored(List.of(grouped(later, "a").after(SHORT_MILLIS)));
            List<String> a = readyOf("a", 2);
            letItEnd();
            assertThat(stateOf(later)).isEqualTo(JobState.SCHEDULED);

            assertThat(get(sweeps().promote(queue, 100))).isEqualTo(1);

            assertThat(ids(claim(10))).containsExactly(a.get(0), a.get(1), later);
        }

        @Test
        void a_claim_promotes_a_delayed_job_of_a_group() {
            String later = newId();
            stored(List.of(grouped(later, "a").after(SHORT_MILLIS)));
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(later);
        }

        @Test
        void a_retried_job_goes_to_the_end_of_its_group() {
            List<String> a = readyOf("a", 3);
            retry(claimOne(), 0);
            letItEnd();

            assertThat(ids(claim(10))).containsExactly(a.get(1), a.get(2), a.get(0));
        }

        @Test
        void released_jobs_go_to_the_front_of_their_group_in_their_old_order() {
            List<String> a = readyOf("a", 4);
            List<Claim> claims = claim(3).claims();

            get(broker().release(
                            queue,
                            claims.stream()
                                    .map(c -> new Completion.Release(c.id(), c.token(), 0))
                                    .toList()));

            assertThat(ids(claim(10))).isEqualTo(a);
        }

        @Test
        void jobs_of_a_group_that_are_given_back_one_by_one_stand_in_their_old_order() {
            List<String> a = readyOf("a", 4);
            List<Claim> claims = claim(3).claims();

            for (int i : List.of(1, 2, 0)) {
                release(claims.get(i), 0);
            }

            assertThat(ids(claim(10))).isEqualTo(a);
        }

        @Test
        void recovered_jobs_go_to_the_front_of_their_group_one_by_one() {
            List<String> a = readyOf("a", 3);
            claim(newId(), 2, SHORT_MILLIS);
            letItEnd();

            assertThat(named(recover().recovered())).containsExactlyElementsOf(a.subList(0, 2));

            assertThat(ids(claim(10))).containsExactly(a.get(0));
            assertThat(ids(claim(10))).containsExactly(a.get(1));
            assertThat(ids(claim(10))).containsExactly(a.get(2));
        }

        @Test
        void a_cancelled_job_of_a_group_never_runs_and_holds_up_nobody() {
            List<String> a = readyOf("a", 3);
            List<String> b = readyOf("b", 1);
            assertThat(get(cancellation().cancel(queue, a.get(0)))).isEqualTo(CancelReply.CANCELLED);
            assertThat(get(cancellation().cancel(queue, b.get(0)))).isEqualTo(CancelReply.CANCELLED);
            assertThat(counts().ready()).isEqualTo(2);

            assertThat(claimedOneByOne()).containsExactly(a.get(1), a.get(2));
        }

        @Test
        void a_dead_job_of_a_group_is_kept() {
            Claim claim = running("a");

            die(claim);

            assertThat(stateOf(claim.id())).isEqualTo(JobState.DEAD);
            assertThat(ids(list(JobState.DEAD))).containsExactly(claim.id());
        }

        @Test
        void waiting_jobs_are_counted_and_listed_group_by_group_behind_the_plain_ones() {
            List<String> a = readyOf("a", 2);
            List<String> b = readyOf("b", 2);
            String low = newId();
            stored(List.of(job(low, 0)));
            String plain = readyOne();

            assertThat(ids(list(JobState.READY))).containsExactly(plain, a.get(0), a.get(1), b.get(0), b.get(1), low);
            assertThat(ids(get(lists().list(queue, JobState.READY, 2, 3))))
                    .containsExactly(a.get(1), b.get(0), b.get(1));
            assertThat(counts()).isEqualTo(new QueueCounts(6, 0, 0, 0, 6, 0, 0));
        }

        @Test
        void the_reply_says_that_jobs_of_groups_were_left_behind() {
            readyOf("a", 2);

            assertThat(claim(1).moreInMillis()).isZero();
            assertThat(claim(1).moreInMillis()).isEqualTo(ClaimReply.NOTHING_MORE);
        }

        @Test
        void an_idle_worker_hears_of_a_job_of_a_group() {
            RecordingListener listener = idleWorker(1);

            readyOf("a", 1);

            listener.await("ready " + queue);
        }

        @Test
        void a_thousand_jobs_of_a_thousand_groups_fit_in_one_call() {
            List<String> ids = stored(IntStream.range(0, Broker.MAX_BATCH)
                    .mapToObj(i -> grouped(newId(), "group-" + i))
                    .toList());
            List<Claim> claims = claim(Broker.MAX_BATCH).claims();
            assertThat(claims).extracting(Claim::id).isEqualTo(ids);

            assertThat(get(broker().complete(
                                            queue,
                                            claims.stream()
                                                    .map(BrokerHarness::succeeded)
                                                    .toList(),
                                            null))
                            .settled())
                    .containsOnly(SETTLED);
        }
    }

    private Claim running(String group) {
        String id = readyOf(group, 1).get(0);
        Claim claim = claimOne();
        assertThat(claim.id()).isEqualTo(id);
        return claim;
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
                    .isEqualTo(new QueueLimits(queueWide, each, Map.of("groups", one, "free", Limits.NONE)));
        }

        @Test
        void limits_are_replaced_and_removed_scope_by_scope() {
            limit(LimitScope.QUEUE, HARDLY_EVER, Limit.concurrency(7));
            limit(LimitScope.GROUPS, Limit.concurrency(1));
            limit(LimitScope.group("a"), Limit.concurrency(2));

            limit(LimitScope.QUEUE, Limit.concurrency(8));
            get(limits().limit(queue, LimitScope.group("a"), null));

            assertThat(get(limits().limits(queue)))
                    .isEqualTo(new QueueLimits(
                            new Limits(null, Limit.concurrency(8)), new Limits(null, Limit.concurrency(1)), Map.of()));
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
