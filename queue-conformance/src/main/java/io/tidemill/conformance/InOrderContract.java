package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.Inspection;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.Reschedule;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link BrokerContract}. What runs in order: a job that waits to be tried again is not overtaken. */
public abstract class InOrderContract extends QueueLimitsContract {

    private Inspection.@Nullable HeldUp heldUp(String id) {
        return get(operations().inspect(queue, id)).orElseThrow().heldUp();
    }

    @Nested
    class InOrder {

        @Test
        void a_retry_goes_before_all_that_wait_in_its_group_and_others_are_not_held_up() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 3);
            List<String> b = readyOf("b", 2);
            List<Claim> first = claim(10).claims();
            assertThat(first).extracting(Claim::id).containsExactly(a.get(0), b.get(0));

            retry(first.get(0), SHORT_MILLIS);
            complete(first.get(1));
            letItEnd();

            List<Claim> second = claim(10).claims();
            assertThat(second).extracting(Claim::id).containsExactlyInAnyOrder(a.get(0), b.get(1));
            assertThat(claim(10).claims()).isEmpty();
        }

        @Test
        void while_a_retry_waits_nothing_of_its_group_runs() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 3);
            List<String> b = readyOf("b", 1);
            retry(claimOne(), LONG_MILLIS);

            assertThat(claimedOneByOne()).isEqualTo(b);
            assertThat(counts().scheduled()).isEqualTo(1);
            assertThat(counts().ready()).isEqualTo(2);
            assertThat(ids(list(JobState.SCHEDULED))).containsExactly(a.get(0));
        }

        @Test
        void a_job_that_is_released_for_a_time_holds_up_its_group_too() {
            limit(LimitScope.group("a"), Limit.inOrder());
            List<String> a = readyOf("a", 2);
            release(claimOne(), SHORT_MILLIS);
            assertThat(heldUp(a.get(1)))
                    .isNotNull()
                    .extracting(Inspection.HeldUp::group)
                    .isEqualTo("a");
            letItEnd();

            assertThat(claimedOneByOne()).containsExactly(a.get(0));
        }

        @Test
        void what_comes_back_at_once_is_first_whatever_came_back_before() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 2);
            die(claimOne());
            get(operations().redrive(queue, List.of(Redrive.now(a.get(0)))));
            assertThat(ids(list(JobState.READY))).containsExactly(a.get(1), a.get(0));

            release(claimOne(), 0);
            assertThat(ids(list(JobState.READY))).containsExactly(a.get(1), a.get(0));
            claimOne(SHORT_MILLIS);
            letItEnd();
            recover();

            assertThat(ids(list(JobState.READY))).containsExactly(a.get(1), a.get(0));
        }

        @Test
        void each_end_of_the_job_that_waits_lets_the_next_go_on() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 5);

            retry(claimOne(), LONG_MILLIS);
            get(cancellation().cancel(queue, a.get(0)));
            retry(claimOne(), LONG_MILLIS);
            get(operations().delete(queue, a.get(1)));
            retry(claimOne(), LONG_MILLIS);
            get(operations().purge(queue, JobState.SCHEDULED, 10));
            retry(claimOne(), 0);
            letItEnd();
            die(claimOne());

            assertThat(claimedOneByOne()).containsExactly(a.get(4));
        }

        @Test
        void a_retry_that_is_run_now_goes_to_the_front_and_one_that_is_put_off_stays_there() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 2);
            retry(claimOne(), LONG_MILLIS);

            get(operations().reschedule(queue, Reschedule.after(a.get(0), 2 * LONG_MILLIS)));
            assertThat(claim(10).claims()).isEmpty();
            get(operations().reschedule(queue, Reschedule.after(a.get(0), 0)));

            assertThat(ids(list(JobState.READY))).isEqualTo(a);
            assertThat(claimedOneByOne()).containsExactly(a.get(0));
        }

        @Test
        void a_retry_that_is_replaced_lets_the_next_go_on() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            JobConstraints unique = JobConstraints.NONE
                    .withGroup("a")
                    .withUnique(Unique.untilDone("key").onConflict(Unique.Conflict.REPLACE));
            String holder = stored(List.of(job(newId()).with(unique))).get(0);
            List<String> a = readyOf("a", 1);
            retry(claimOne(), LONG_MILLIS);

            NewJob other = job(newId()).with(unique);
            assertThat(enqueue(broker(), List.of(other))).containsExactly(new EnqueueReply.Accepted(holder));

            assertThat(claimedOneByOne()).isEqualTo(a);
            assertThat(ids(list(JobState.READY))).containsExactly(other.id());
            assertThat(found(holder).state()).isEqualTo(JobState.CANCELLED);
        }

        @Test
        void a_job_that_is_held_up_says_behind_which_and_until_when() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 2);
            Claim claim = claimOne();
            assertThat(heldUp(a.get(1))).isEqualTo(new Inspection.HeldUp("a", 0));

            retry(claim, LONG_MILLIS);

            long due = found(a.get(0)).timeMillis();
            assertThat(heldUp(a.get(1))).isEqualTo(new Inspection.HeldUp("a", due, a.get(0)));
            assertThat(heldUp(a.get(0))).isNull();
        }

        @Test
        void an_idle_worker_hears_that_the_job_before_is_cancelled() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 2);
            retry(claimOne(), LONG_MILLIS);
            RecordingListener listener = idleWorker(1);

            get(cancellation().cancel(queue, a.get(0)));

            listener.await("ready " + queue);
        }

        @Test
        void a_delayed_job_that_never_ran_holds_up_nobody() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            stored(List.of(job(newId()).with(JobConstraints.NONE.withGroup("a")).after(LONG_MILLIS)));
            List<String> a = readyOf("a", 1);

            assertThat(claimedOneByOne()).isEqualTo(a);
        }

        @Test
        void an_order_that_is_given_up_holds_up_nobody_and_one_at_a_time_alone_is_none() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 3);
            retry(claimOne(), LONG_MILLIS);
            assertThat(claim(10).claims()).isEmpty();

            get(limits().limit(queue, LimitScope.GROUPS, null));
            assertThat(ids(claim(1))).containsExactly(a.get(1));

            limit(LimitScope.GROUPS, Limit.concurrency(1));
            List<String> b = readyOf("b", 2);
            retry(claimOne(), LONG_MILLIS);
            assertThat(claimedOneByOne()).containsExactly(b.get(1));
        }

        @Test
        void it_is_read_as_it_was_set_and_together_with_a_rate() {
            Limits both = Limits.of(List.of(HARDLY_EVER, Limit.inOrder()));
            get(limits().limit(queue, LimitScope.GROUPS, both));
            limit(LimitScope.QUEUE, Limit.inOrder());

            assertThat(get(limits().limits(queue)).groups()).isEqualTo(both);
            assertThat(get(limits().limits(queue)).queue()).isEqualTo(Limits.of(List.of(Limit.inOrder())));
        }

        /** Whatever happens, no job of a group starts before the one that started before it has ended for good. */
        @Test
        void the_order_holds_whatever_happens() {
            limit(LimitScope.GROUPS, Limit.inOrder());
            List<String> a = readyOf("a", 60);
            List<String> order = new ArrayList<>();
            Random random = new Random(20261122);
            for (int step = 0; step < 2_000 && counts().ready() + counts().scheduled() > 0; step++) {
                List<Claim> claims = claim(1 + random.nextInt(3)).claims();
                assertThat(claims).hasSizeLessThanOrEqualTo(1);
                for (Claim claim : claims) {
                    if (order.isEmpty() || !order.get(order.size() - 1).equals(claim.id())) {
                        order.add(claim.id());
                    }
                    goOn(claim, random);
                }
                if (claims.isEmpty()) {
                    letItEnd();
                }
            }
            assertThat(order).isEqualTo(a);
        }

        private void goOn(Claim claim, Random random) {
            switch (random.nextInt(6)) {
                case 0 -> retry(claim, random.nextInt(2));
                case 1 -> release(claim, random.nextInt(2));
                case 2 -> {
                    retry(claim, LONG_MILLIS);
                    get(operations().reschedule(queue, Reschedule.after(claim.id(), 0)));
                }
                case 3 -> {
                    retry(claim, LONG_MILLIS);
                    get(cancellation().cancel(queue, claim.id()));
                }
                case 4 -> die(claim);
                default -> complete(claim);
            }
        }
    }

    @Nested
    class QueueInOrder {

        @Test
        void a_retry_goes_before_all_that_wait() {
            limit(LimitScope.QUEUE, Limit.inOrder());
            List<String> ids = ready(3);
            retry(claimOne(), SHORT_MILLIS);
            letItEnd();

            List<String> ran = new ArrayList<>();
            for (ClaimReply reply = claim(10); !reply.claims().isEmpty(); reply = claim(10)) {
                assertThat(reply.claims()).hasSize(1);
                ran.addAll(ids(reply));
                complete(reply.claims().get(0));
            }
            assertThat(ran).isEqualTo(ids);
        }

        @Test
        void while_a_retry_waits_nothing_runs_and_a_claim_says_until_when() {
            limit(LimitScope.QUEUE, Limit.inOrder());
            List<String> ids = ready(2);
            readyOf("a", 2);
            retry(claimOne(), LONG_MILLIS);

            ClaimReply reply = claim(10);

            assertThat(reply.claims()).isEmpty();
            assertThat(reply.moreInMillis()).isBetween(LONG_MILLIS - 60_000, LONG_MILLIS);
            long due = found(ids.get(0)).timeMillis();
            assertThat(heldUp(ids.get(1))).isEqualTo(new Inspection.HeldUp(null, due, ids.get(0)));
        }

        @Test
        void a_retry_that_is_cancelled_or_run_now_lets_the_queue_go_on() {
            limit(LimitScope.QUEUE, Limit.inOrder());
            List<String> ids = ready(2);
            retry(claimOne(), LONG_MILLIS);
            get(operations().reschedule(queue, Reschedule.after(ids.get(0), 0)));
            Claim again = claimOne();
            assertThat(again.id()).isEqualTo(ids.get(0));
            retry(again, LONG_MILLIS);
            RecordingListener listener = idleWorker(1);

            get(cancellation().cancel(queue, ids.get(0)));

            listener.await("ready " + queue);
            assertThat(claimOne().id()).isEqualTo(ids.get(1));
        }

        @Test
        void a_retry_of_a_group_in_order_takes_up_no_room_of_its_queue() {
            limit(LimitScope.QUEUE, Limit.concurrency(1));
            limit(LimitScope.GROUPS, Limit.inOrder());
            readyOf("a", 2);
            List<String> b = readyOf("b", 1);

            retry(claimOne(), LONG_MILLIS);

            assertThat(claimedOneByOne()).isEqualTo(b);
        }
    }
}
