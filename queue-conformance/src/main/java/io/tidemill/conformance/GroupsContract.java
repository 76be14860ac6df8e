package io.tidemill.conformance;

import static io.tidemill.broker.CompletionReply.SETTLED;
import static io.tidemill.conformance.Counted.counted;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Broker;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. Jobs of groups, which take turns. */
public abstract class GroupsContract extends ExpiryContract {

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

    /** A worker that asked for so many, came away with fewer, and waits. */
    RecordingListener idleWorker(int limit) {
        RecordingListener listener = new RecordingListener(patience());
        listen("idle", listener);
        get(broker().claim(queue, new ClaimRequest("idle", newId(), limit, LONG_MILLIS)));
        listener.forget();
        return listener;
    }

    /** Claims one after the other, and completes none, until nothing comes. */
    List<String> claimedOneByOne() {
        List<String> ids = new ArrayList<>();
        for (ClaimReply reply = claim(1); !reply.claims().isEmpty(); reply = claim(1)) {
            ids.addAll(ids(reply));
        }
        return ids;
    }

    static ClaimReply claimed(CompleteReply reply) {
        return Objects.requireNonNull(reply.claimed());
    }

    static List<String> interleaved(List<List<String>> lists) {
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

    Claim running(String group) {
        String id = readyOf(group, 1).get(0);
        Claim claim = claimOne();
        assertThat(claim.id()).isEqualTo(id);
        return claim;
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
        void waiting_jobs_are_counted_and_listed_group_by_group_behind_the_plain_ones() {
            List<String> a = readyOf("a", 2);
            List<String> b = readyOf("b", 2);
            String low = newId();
            stored(List.of(job(low, 0)));
            String plain = readyOne();

            assertThat(ids(list(JobState.READY))).containsExactly(plain, a.get(0), a.get(1), b.get(0), b.get(1), low);
            assertThat(ids(get(lists().list(queue, JobState.READY, 2, 3))))
                    .containsExactly(a.get(1), b.get(0), b.get(1));
            assertThat(counts()).isEqualTo(counted(6, 0, 0, 0, 6, 0, 0));
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
}
