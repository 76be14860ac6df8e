package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.Broker;
import io.tidemill.broker.BrokerListener;
import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimReply;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.CompleteReply;
import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.ExtendReply;
import io.tidemill.broker.JobBrief;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.Redrive;
import io.tidemill.broker.RedriveReply;
import io.tidemill.broker.partition.PartitionedBroker;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A queue in four partitions, seen as one. */
class PartitionedBrokerTest extends PartitionedBrokerHarness {

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
