package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.Survey;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.partition.PartitionedBroker;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import io.tidemill.test.FakeClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A queue in four partitions, seen as one. */
class PartitionedBrokerTest {

    private static final String QUEUE = "mail";
    private static final long LEASE = 60_000;
    private static final byte[] BODY = "body".getBytes(StandardCharsets.US_ASCII);

    private final FakeClock clock = new FakeClock();
    private final MemoryBroker below = new MemoryBroker(clock);
    private final Broker broker = PartitionedBroker.of(below, Map.of(QUEUE, 4));
    private int tokens;

    private static NewJob job(String id) {
        return NewJob.now(id, BODY, 4);
    }

    private List<NewJob> stored(int count) {
        List<NewJob> jobs =
                IntStream.range(0, count).mapToObj(i -> job("job" + i)).toList();
        assertThat(broker.enqueue(QUEUE, jobs).join()).hasSize(count).containsOnly(EnqueueReply.ACCEPTED);
        return jobs;
    }

    private ClaimReply claim(int limit) {
        return broker.claim(QUEUE, new ClaimRequest("w", "token" + ++tokens, limit, LEASE))
                .join();
    }

    private List<Claim> claimAll() {
        List<Claim> claims = new ArrayList<>();
        ClaimReply reply;
        do {
            reply = claim(100);
            claims.addAll(reply.claims());
        } while (reply.moreInMillis() == 0);
        return claims;
    }

    private static List<String> parts() {
        return List.of(QUEUE, QUEUE + ":p1", QUEUE + ":p2", QUEUE + ":p3");
    }

    @Test
    void the_jobs_that_are_next_are_those_of_each_partition_and_not_of_the_first_alone() {
        stored(40);

        List<JobSnapshot> next = broker.lists().next(QUEUE, 1).join();

        assertThat(next).hasSize(4).extracting(JobSnapshot::state).containsOnly(JobState.READY);
        assertThat(next).extracting(JobSnapshot::id).contains("job0").doesNotHaveDuplicates();
    }

    @Test
    void jobs_go_to_all_partitions_and_each_is_claimed_once() {
        stored(100);
        assertThat(parts())
                .allSatisfy(part ->
                        assertThat(below.lists().counts(part).join().ready()).isPositive());

        List<Claim> claims = claimAll();

        assertThat(claims).extracting(Claim::id).doesNotHaveDuplicates().hasSize(100);
        assertThat(broker.lists().counts(QUEUE).join().active()).isEqualTo(100);
    }

    @Test
    void fresh_jobs_stay_together_and_the_calls_take_turns() {
        for (int call = 0; call < 4; call++) {
            List<NewJob> jobs =
                    List.of(job("a" + call).withNewId(), job("b" + call).withNewId());
            broker.enqueue(QUEUE, jobs).join();
        }

        assertThat(parts())
                .allSatisfy(part ->
                        assertThat(below.lists().counts(part).join().ready()).isEqualTo(2));
    }

    @Test
    void replies_come_in_the_order_of_the_jobs() {
        stored(20);
        List<NewJob> again = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            again.add(job("job" + i));
            again.add(job("other" + i));
        }

        List<EnqueueReply> replies = broker.enqueue(QUEUE, again).join();

        for (int i = 0; i < again.size(); i++) {
            assertThat(replies.get(i))
                    .isEqualTo(i % 2 == 0 ? new EnqueueReply.Duplicate("job" + i / 2) : EnqueueReply.ACCEPTED);
        }
    }

    @Test
    void completions_find_their_partitions_and_claim_the_next() {
        stored(40);
        List<Completion.Succeeded> runs = new ArrayList<>();
        for (Claim claim : claimAll()) {
            runs.add(Completion.Succeeded.of(claim, null, 0));
        }
        broker.enqueue(QUEUE, List.of(job("next"))).join();

        CompleteReply reply = broker.complete(QUEUE, runs, new ClaimRequest("w", "last", 5, LEASE))
                .join();

        assertThat(reply.settled()).hasSize(40).containsOnly(CompletionReply.SETTLED);
        assertThat(reply.claimed().claims()).extracting(Claim::id).containsExactly("next");
        assertThat(broker.lists().counts(QUEUE).join().succeeded()).isEqualTo(40);
        Completion.Succeeded wrong = new Completion.Succeeded("next", "none/3", null, 0);
        assertThat(broker.complete(QUEUE, List.of(wrong), null).join().settled())
                .containsExactly(CompletionReply.STALE);
    }

    @Test
    void what_fails_or_is_given_back_stays_in_its_partition() {
        stored(40);
        List<Claim> claims = claimAll();
        List<Completion.Failed> failed = new ArrayList<>();
        List<Completion.Release> released = new ArrayList<>();
        for (Claim claim : claims) {
            switch (claim.id().hashCode() % 3) {
                case 0 -> failed.add(new Completion.Retry(claim.id(), claim.token(), 0, BODY));
                case 1 -> failed.add(new Completion.Dead(claim.id(), claim.token(), BODY));
                default -> released.add(new Completion.Release(claim.id(), claim.token(), 0));
            }
        }

        assertThat(broker.fail(QUEUE, failed).join()).containsOnly(CompletionReply.SETTLED);
        assertThat(broker.release(QUEUE, released).join()).containsOnly(CompletionReply.SETTLED);

        assertThat(broker.lists().counts(QUEUE).join().active()).isZero();
        List<JobSnapshot> dead =
                broker.lists().list(QUEUE, JobState.DEAD, 0, 100).join();
        List<RedriveReply> redriven = broker.operations()
                .redrive(QUEUE, dead.stream().map(job -> Redrive.now(job.id())).toList())
                .join();
        assertThat(redriven).hasSameSizeAs(dead).containsOnly(RedriveReply.REDRIVEN);
        assertThat(claimAll()).hasSize(40);
    }

    @Test
    void a_lease_is_extended_wherever_its_jobs_are() {
        stored(1);
        ClaimReply reply = claim(1);
        clock.advance(Duration.ofSeconds(50));

        assertThat(broker.leases()
                        .extend(QUEUE, List.of("token1", "none"), LEASE)
                        .join())
                .containsExactly(ExtendReply.ALIVE, ExtendReply.ENDED);

        clock.advance(Duration.ofSeconds(50));
        assertThat(broker.sweeps().recover(QUEUE, 10, 3, BODY).join().recovered())
                .isEmpty();
        clock.advance(Duration.ofSeconds(20));
        assertThat(broker.sweeps().recover(QUEUE, 10, 3, BODY).join().recovered())
                .extracting(JobBrief::id)
                .containsExactly(reply.claims().get(0).id());
    }

    /** The four partitions as one queue, where an answer can be lost after the work was done. */
    private final class Losing extends DelegatingBroker {
        private String losing = "";

        Losing() {
            super(below);
        }

        private <V> CompletableFuture<V> answer(String part, CompletableFuture<V> answer) {
            return part.equals(losing) ? lost() : answer;
        }

        private static <V> CompletableFuture<V> lost() {
            return CompletableFuture.failedFuture(
                    new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null));
        }

        @Override
        public CompletableFuture<ClaimReply> claim(String part, ClaimRequest request) {
            return answer(part, super.claim(part, request));
        }

        @Override
        public CompletableFuture<CompleteReply> complete(
                String part, List<Completion.Succeeded> succeeded, ClaimRequest next) {
            return answer(part, super.complete(part, succeeded, next));
        }

        @Override
        public CompletableFuture<List<CompletionReply>> fail(String part, List<Completion.Failed> ended) {
            return answer(part, super.fail(part, ended));
        }

        @Override
        public CompletableFuture<List<ExtendReply>> extend(String part, List<String> tokens, long leaseMillis) {
            return answer(part, super.extend(part, tokens, leaseMillis));
        }
    }

    @Test
    void a_claim_whose_answer_was_lost_is_asked_again_at_the_partition_that_may_hold_its_jobs() {
        Losing losing = new Losing();
        Broker whole = PartitionedBroker.of(losing, Map.of(QUEUE, 4));
        for (int i = 0; i < 4; i++) {
            below.enqueue(parts().get(i), List.of(job("job" + i))).join();
        }
        // Whichever partition's turn it is: one of the first four claims meets the one that loses its answers.
        losing.losing = parts().get(2);
        ClaimRequest lost = null;
        for (int i = 0; i < 4; i++) {
            ClaimRequest request = new ClaimRequest("w", "claim" + i, 1, LEASE);
            if (whole.claim(QUEUE, request).isCompletedExceptionally()) {
                lost = request;
            }
        }
        losing.losing = "";
        below.enqueue(parts().get(0), List.of(job("another"))).join();

        ClaimReply again = whole.claim(QUEUE, lost).join();

        assertThat(again.claims()).extracting(Claim::id).containsExactly("job2");
        assertThat(whole.lists().counts(QUEUE).join().active())
                .as("nothing is held twice")
                .isEqualTo(4);
    }

    @Test
    void what_one_partition_has_recorded_is_not_sent_again_because_another_did_not_answer() {
        Losing losing = new Losing();
        Broker whole = PartitionedBroker.of(losing, Map.of(QUEUE, 4));
        List<Completion.Succeeded> runs = new ArrayList<>();
        List<Completion.Failed> failed = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            below.enqueue(parts().get(i), List.of(job("job" + i), job("bad" + i)))
                    .join();
        }
        for (Claim claim : claimAll()) {
            if (claim.id().startsWith("job")) {
                runs.add(Completion.Succeeded.of(claim, null, 0));
            } else {
                failed.add(new Completion.Dead(claim.id(), claim.token(), BODY));
            }
        }
        losing.losing = parts().get(1);
        below.enqueue(QUEUE, List.of(job("next"))).join();

        CompleteReply reply = whole.complete(QUEUE, runs, new ClaimRequest("w", "next", 1, LEASE))
                .exceptionally(failure -> new CompleteReply(List.of(), null))
                .join();

        assertThat(reply.settled())
                .containsExactlyInAnyOrder(
                        CompletionReply.SETTLED,
                        CompletionReply.SETTLED,
                        CompletionReply.SETTLED,
                        CompletionReply.UNKNOWN);
        assertThat(whole.fail(QUEUE, failed).join())
                .containsExactlyInAnyOrder(
                        CompletionReply.SETTLED,
                        CompletionReply.SETTLED,
                        CompletionReply.SETTLED,
                        CompletionReply.UNKNOWN);
    }

    @Test
    void a_lease_that_one_partition_has_extended_is_extended_whatever_the_others_say() {
        Losing losing = new Losing();
        Broker whole = PartitionedBroker.of(losing, Map.of(QUEUE, 4));
        below.enqueue(parts().get(0), List.of(job("job"))).join();
        below.claim(parts().get(0), new ClaimRequest("w", "held", 1, LEASE)).join();

        losing.losing = parts().get(3);
        assertThat(whole.leases().extend(QUEUE, List.of("held"), LEASE).join()).containsExactly(ExtendReply.ALIVE);
        losing.losing = parts().get(0);
        assertThatThrownBy(() ->
                        whole.leases().extend(QUEUE, List.of("held"), LEASE).join())
                .as("nobody else can say that it has ended")
                .hasCauseInstanceOf(BrokerException.class);
    }

    @Test
    void a_unique_key_is_unique_in_all_of_the_queue_and_a_group_keeps_its_order() {
        for (int i = 0; i < 10; i++) {
            NewJob unique = job("unique" + i).with(JobConstraints.NONE.withUnique(Unique.untilDone("key")));
            NewJob grouped = job("grouped" + i).with(JobConstraints.NONE.withGroup("ada"));
            broker.enqueue(QUEUE, List.of(unique, grouped)).join();
        }

        List<String> ids = claimAll().stream().map(Claim::id).toList();

        assertThat(ids).filteredOn(id -> id.startsWith("unique")).containsExactly("unique0");
        assertThat(ids).filteredOn(id -> id.startsWith("grouped")).hasSize(10).isSorted();
    }

    @Test
    void one_job_is_found_cancelled_rescheduled_and_deleted_wherever_it_is() {
        List<NewJob> jobs = stored(8);
        for (NewJob job : jobs) {
            assertThat(broker.lookUp().find(QUEUE, job.id(), false).join()).isPresent();
            assertThat(broker.operations().inspect(QUEUE, job.id()).join()).isPresent();
        }
        assertThat(broker.cancellation().cancel(QUEUE, "job3").join()).isEqualTo(CancelReply.CANCELLED);
        assertThat(broker.cancellation().cancel(QUEUE, "none").join()).isEqualTo(CancelReply.NOT_FOUND);
        assertThat(broker.operations().delete(QUEUE, "job5").join()).isEqualTo(DeleteReply.DELETED);
        broker.enqueue(QUEUE, List.of(job("later").after(LEASE))).join();
        assertThat(broker.operations()
                        .reschedule(QUEUE, Reschedule.after("later", 0))
                        .join())
                .isEqualTo(RescheduleReply.RESCHEDULED);

        assertThat(claimAll())
                .extracting(Claim::id)
                .doesNotContain("job3", "job5")
                .contains("later")
                .hasSize(7);
    }

    @Test
    void pages_hold_every_job_once() {
        stored(50);
        Set<String> seen = new HashSet<>();
        for (int offset = 0; offset < 50; offset += 7) {
            List<JobSnapshot> page =
                    broker.lists().list(QUEUE, JobState.READY, offset, 7).join();
            assertThat(page).hasSize(Math.min(7, 50 - offset));
            page.forEach(job -> assertThat(seen.add(job.id())).isTrue());
        }
        assertThat(broker.lists().list(QUEUE, JobState.READY, 50, 7).join()).isEmpty();
    }

    @Test
    void what_is_due_is_moved_in_all_partitions_and_a_survey_sees_it() {
        List<NewJob> jobs =
                IntStream.range(0, 40).mapToObj(i -> job("due" + i).after(10)).toList();
        broker.enqueue(QUEUE, jobs).join();
        clock.advance(Duration.ofMillis(10));

        assertThat(broker.sweeps().survey(List.of("other", QUEUE)).join())
                .containsExactly(Survey.NOTHING, new Survey(false, true, false));
        assertThat(broker.sweeps().promote(QUEUE, 30).join()).isEqualTo(30);
        assertThat(broker.sweeps().promote(QUEUE, 30).join()).isEqualTo(10);
        assertThat(broker.lists().counts(QUEUE).join().ready()).isEqualTo(40);
    }

    @Test
    void a_queue_is_removed_from_all_partitions_or_from_none() {
        stored(20);
        broker.operations().pause(QUEUE).join();
        assertThat(broker.operations().erase(QUEUE, false).join()).isEqualTo(EraseReply.HAS_JOBS);
        assertThat(broker.lists().counts(QUEUE).join().accepted()).isEqualTo(20);
        broker.operations().register(QUEUE, "w", new byte[0], 60_000).join();
        new QueueAdmin(broker).purge(QUEUE, JobState.READY);
        assertThat(broker.operations().erase(QUEUE, false).join()).isEqualTo(EraseReply.HAS_WORKERS);
        assertThat(broker.lists().counts(QUEUE).join().removed()).isEqualTo(20);
        broker.operations().register(QUEUE, "w", new byte[0], 0).join();

        assertThat(broker.operations().erase(QUEUE, false).join()).isEqualTo(EraseReply.ERASED);

        assertThat(broker.lists().counts(QUEUE).join().accepted()).isZero();
        assertThat(broker.operations().queues().join()).isEmpty();
    }

    private static StoredSchedule schedule(String name, String revision) {
        return new StoredSchedule(name, revision, 1, new byte[0]);
    }

    private static NewJob firing(NewJob job, String name, String expected, String next) {
        return job.with(job.constraints().withStep(new ScheduleStep(expected, schedule(name, next))));
    }

    @Test
    void schedules_and_their_jobs_are_in_the_first_partition_whatever_the_number_of_partitions() {
        below.schedules()
                .write(QUEUE, Optional.empty(), schedule("from before it was split", "r0"))
                .join();
        for (int i = 0; i < 20; i++) {
            broker.schedules()
                    .write(QUEUE, Optional.empty(), schedule("s" + i, "r0"))
                    .join();
        }
        List<NewJob> jobs = new ArrayList<>(List.of(
                firing(job("job"), "from before it was split", "r0", "r1").withNewId()));
        IntStream.range(0, 20).forEach(i -> jobs.add(firing(job("job" + i), "s" + i, "r0", "r1")));

        assertThat(broker.enqueue(QUEUE, jobs).join()).hasSize(21).containsOnly(EnqueueReply.ACCEPTED);

        assertThat(below.lists().counts(QUEUE).join().ready()).isEqualTo(21);
        assertThat(broker.schedules().count(QUEUE).join()).isEqualTo(21);
        assertThat(broker.schedules().take(QUEUE, 100, 1000).join().schedules()).hasSize(21);
        assertThat(broker.schedules().queues().join()).containsExactly(QUEUE);
        assertThat(claimAll()).hasSize(21);
    }

    @Test
    void a_job_of_a_schedule_with_a_unique_key_or_a_group_is_refused_before_it_shares_a_request() {
        broker.schedules().write(QUEUE, Optional.empty(), schedule("s", "r0")).join();
        broker.schedules().write("whole", Optional.empty(), schedule("s", "r0")).join();
        NewJob grouped = firing(job("a").with(JobConstraints.NONE.withGroup("g")), "s", "r0", "r1");
        NewJob unique = firing(job("b").with(JobConstraints.NONE.withUnique(Unique.untilDone("k"))), "s", "r0", "r1");

        for (NewJob job : List.of(grouped, unique)) {
            assertThatThrownBy(() -> broker.check(QUEUE, job))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("job " + job.id() + " of schedule \"s\" asks for a ")
                    .hasMessageContaining("queue " + QUEUE + " is split in partitions");
            assertThatThrownBy(() -> broker.enqueue(QUEUE, List.of(job)).join()).isInstanceOf(BrokerException.class);
        }
        broker.check("whole", grouped);
        assertThat(broker.enqueue("whole", List.of(grouped)).join()).containsExactly(EnqueueReply.ACCEPTED);
        broker.check(QUEUE, job("plain"));
    }

    @Test
    void a_queue_with_schedules_is_removed_from_no_partition() {
        stored(20);
        broker.schedules().write(QUEUE, Optional.empty(), schedule("s", "r0")).join();

        assertThat(broker.operations().erase(QUEUE, true).join()).isEqualTo(EraseReply.HAS_SCHEDULES);

        assertThat(broker.lists().counts(QUEUE).join().accepted()).isEqualTo(20);
    }

    @Test
    void operators_pause_and_purge_all_of_it() {
        stored(40);
        assertThat(broker.operations().pause(QUEUE).join()).isTrue();
        assertThat(claim(10).claims()).isEmpty();
        assertThat(broker.operations().isPaused(QUEUE).join()).isTrue();
        assertThat(broker.operations().resume(QUEUE).join()).isTrue();

        int removed = 0;
        PurgeReply reply;
        do {
            reply = broker.operations().purge(QUEUE, JobState.READY, 7).join();
            removed += reply.removed();
        } while (reply.hasMore());
        assertThat(removed).isEqualTo(40);
        assertThat(broker.operations().queues().join()).containsExactly(QUEUE);
    }

    @Test
    void workers_hear_of_every_partition_by_the_name_of_the_queue() {
        Set<String> heard = new TreeSet<>();
        broker.listen("w", Set.of(QUEUE), new BrokerListener() {
            @Override
            public void ready(String queue) {
                heard.add(queue);
            }

            @Override
            public void finished(String queue, String id) {}

            @Override
            public void cancelRequested(String queue, String id) {}
        });
        claim(1);

        stored(20);

        assertThat(heard).containsExactly(QUEUE);
    }

    @Test
    void groups_are_limited_and_the_whole_queue_cannot_be() {
        broker.limits()
                .limit(QUEUE, LimitScope.GROUPS, Limits.NONE.with(Limit.concurrency(1)))
                .join();
        assertThat(broker.limits().limits(QUEUE).join().groups()).isEqualTo(Limits.NONE.with(Limit.concurrency(1)));

        assertThatThrownBy(() -> broker.limits()
                        .limit(QUEUE, LimitScope.QUEUE, Limits.NONE.with(Limit.concurrency(1)))
                        .join())
                .hasCauseInstanceOf(BrokerException.class)
                .hasMessageContaining(
                        "queue mail is split in 4 partitions, which cannot count together: limit its groups");
    }

    @Test
    void other_queues_are_kept_as_they_are() {
        broker.enqueue("other", List.of(job("one"))).join();

        assertThat(below.lists().counts("other").join().ready()).isOne();
        assertThat(broker.claim("other", new ClaimRequest("w", "t", 1, LEASE))
                        .join()
                        .claims())
                .extracting(Claim::token)
                .containsExactly("t");
    }

    @Test
    void a_process_that_was_told_of_too_few_refuses_to_start() {
        below.open();
        stored(20);

        assertThatThrownBy(() -> PartitionedBroker.of(below, Map.of(QUEUE, 2)).open())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("mail:p2, mail:p3")
                .hasMessageContaining("the same numbers");
        PartitionedBroker.of(below, Map.of(QUEUE, 8)).open();
    }

    @Test
    void numbers_out_of_range_and_names_of_partitions_are_refused() {
        assertThatThrownBy(() -> PartitionedBroker.of(below, Map.of(QUEUE, 0)))
                .hasMessage("the partitions of queue mail must be 1 to 64, got 0");
        assertThatThrownBy(() -> PartitionedBroker.of(below, Map.of(QUEUE, 65))).hasMessageContaining("got 65");
        assertThatThrownBy(() -> PartitionedBroker.of(below, Map.of(QUEUE, 2, "mail:p1", 2)))
                .hasMessageContaining("has the name of a partition of queue mail");
    }
}
