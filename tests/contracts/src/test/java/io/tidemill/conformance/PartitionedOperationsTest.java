package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.broker.Claim;
import io.tidemill.broker.DeleteReply;
import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.EraseReply;
import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.PurgeReply;
import io.tidemill.broker.Reschedule;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.broker.Survey;
import io.tidemill.queue.CancelReply;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What operators, sweeps and schedules do with a queue in four partitions. */
class PartitionedOperationsTest extends PartitionedBrokerHarness {

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
}
