package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.admin.JobInfo;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.broker.StoredSchedule;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.Enqueued;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. Calls that schedules store: written like one another, stored with a step. */
public abstract class ScheduledCallsContract extends CallsContract {

    @Nested
    class JobLikeAnother {

        @Test
        void has_its_task_arguments_and_headers_and_another_id() throws Exception {
            queueWith(new Shapes());
            TaskQueue producer = queueWith();
            PreparedJob pattern = PreparedJob.fromBytes(queueWith()
                    .prepare(call(Shapes::describe, "night").header("tenant", "7"))
                    .toBytes());

            PreparedJob like = producer.prepareLike(pattern, "report@1");

            assertThat(List.of(like.id(), like.task(), like.queue()))
                    .containsExactly("report@1", "describe", pattern.queue());
            assertThat(like.preparedAtMillis()).isGreaterThanOrEqualTo(pattern.preparedAtMillis());
            assertThat(producer.enqueue(like).await(SOON)).isEqualTo("got night");
            assertThat(events.await(QueueEvent.Succeeded.class, 1).get(0).headers())
                    .containsEntry("tenant", "7");
        }

        @Test
        void has_other_arguments_if_there_are_any() throws Exception {
            queueWith(new Shapes());
            TaskQueue producer = queueWith();
            PreparedJob pattern = producer.prepare(call(Shapes::add, 1, 2L));

            assertThat(producer.enqueue(producer.prepareLike(pattern, "a", 40, 2L))
                            .await(SOON))
                    .hasToString("42");
            assertThat(producer.enqueue(producer.prepareLike(pattern, "b")).await(SOON))
                    .hasToString("3");
        }

        @Test
        void is_due_at_once_and_counts_its_expiry_anew() {
            TaskQueue queue = queueWith();
            PreparedJob pattern = queue.prepare(call(Counting::a, 1)
                    .delay(Duration.ofHours(2))
                    .expiresIn(Duration.ofHours(3))
                    .priority(7)
                    .group("tenant 7"));
            PreparedJob old =
                    new PreparedJob(pattern.queue(), pattern.task(), pattern.job(), 1_000_000, pattern.resultType());

            JobHandle<Object> job = queue.enqueue(queue.prepareLike(old, "a@1"));

            assertThat(job.state()).contains(JobState.READY);
            JobInfo info = queue.admin().find("a", "a@1").orElseThrow();
            assertThat(info.priority()).isEqualTo(7);
            assertThat(info.group()).isEqualTo("tenant 7");
        }

        @Test
        void is_checked_as_a_call_is() {
            TaskQueue queue = start(builder(new Shapes()).maxPayloadBytes(1000));
            PreparedJob pattern = queue.prepare(call(Shapes::describe, "x"));

            assertThatThrownBy(() -> queue.prepareLike(pattern, "a", "x".repeat(2000)))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("the limit is 1,000 (maxPayloadBytes)");
            assertThatThrownBy(() -> queue.prepareLike(pattern, "a", "x", "y"))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("no job like prepared job " + pattern.id() + " of task describe");
            assertThatThrownBy(() -> queue.prepareLike(pattern, "line\nfeed"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("job id");
        }

        @Test
        void may_be_as_large_as_its_pattern_was_where_that_was_prepared() {
            PreparedJob pattern = queueWith().prepare(call(Shapes::describe, "x".repeat(2000)));
            TaskQueue small = start(builder().maxPayloadBytes(1000));

            PreparedJob like = small.prepareLike(pattern, "a");

            assertThat(like.job().body()).hasSizeGreaterThan(2000);
            assertThatThrownBy(() -> small.enqueue(like))
                    .as("without a schedule it is a call of this process")
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("the limit is 1,000 (maxPayloadBytes)");
        }
    }

    @Nested
    class JobWithAStep {

        private final Broker broker = broker();

        private TaskQueue producer() {
            return producer(TaskQueue.builder().listener(events));
        }

        private TaskQueue producer(TaskQueueBuilder builder) {
            Assumptions.assumeTrue(broker.abilities().contains(Ability.SCHEDULES), "no schedules");
            TaskQueue queue = start(builder.broker(broker));
            write(Optional.empty(), "r0");
            return queue;
        }

        private void write(Optional<String> expected, String revision) {
            assertThat(broker.schedules()
                            .write("a", expected, schedule(revision))
                            .join())
                    .isTrue();
        }

        private StoredSchedule schedule(String revision) {
            return new StoredSchedule("nightly", revision, StoredSchedule.NEVER, new byte[] {0});
        }

        private String revision() {
            return broker.schedules().find("a", "nightly").join().orElseThrow().revision();
        }

        private PreparedJob firing(TaskQueue queue, String id, String expected, String next) {
            PreparedJob pattern = queue.prepare(call(Counting::a, 1));
            return queue.prepareLike(pattern, id).withStep(new ScheduleStep(expected, schedule(next)));
        }

        @Test
        void is_stored_together_with_it() throws Exception {
            TaskQueue queue = producer();

            JobHandle<Object> job = queue.enqueue(firing(queue, "nightly@1", "r0", "r1"));

            assertThat(job.enqueued()).isEqualTo(Enqueued.NEW);
            assertThat(revision()).isEqualTo("r1");
            queueWith(new Counting());
            job.await(SOON);
        }

        @Test
        void may_be_larger_than_calls_of_this_process() {
            PreparedJob pattern =
                    queueWith().prepare(call(Shapes::describe, "x".repeat(2000)).queue("a"));
            TaskQueue small = producer(TaskQueue.builder().maxPayloadBytes(1000));
            PreparedJob like = small.prepareLike(pattern, "nightly@1");

            JobHandle<Object> job = small.enqueue(like.withStep(new ScheduleStep("r0", schedule("r1"))));

            assertThat(job.enqueued()).isEqualTo(Enqueued.NEW);
            assertThat(revision()).isEqualTo("r1");
        }

        @Test
        void is_not_stored_when_the_schedule_has_moved_on_and_no_event_says_that_it_was() throws Exception {
            TaskQueue queue = producer();
            PreparedJob late = firing(queue, "nightly@1", "r0", "r1");
            write(Optional.of("r0"), "changed");

            JobHandle<Object> one = queue.enqueue(late);
            CompletableFuture<JobHandle<Object>> other = queue.enqueueAsync(late);
            List<JobHandle<Object>> bulk = queue.enqueueAll(List.of(late));
            BulkCounts counts = queue.enqueueAll(Stream.of(late));

            for (JobHandle<Object> handle : List.of(one, other.join(), bulk.get(0))) {
                assertThat(handle.enqueued()).isEqualTo(Enqueued.SUPERSEDED);
                assertThat(handle.isNew()).isFalse();
                assertThat(handle.id()).isEqualTo("nightly@1");
            }
            assertThat(counts).isEqualTo(BulkCounts.of(0, 1));
            assertThat(queue.admin().counts("a").accepted()).isZero();
            assertThat(revision()).isEqualTo("changed");
            queue.enqueue(call(Counting::a, 1));
            events.await(QueueEvent.Enqueued.class, 1);
            assertThat(events.events()).hasSize(1);
        }

        @Test
        void goes_in_bulk_step_after_step_beside_plain_jobs() {
            TaskQueue queue = producer();

            List<JobHandle<Object>> handles = queue.enqueueAll(List.of(
                    firing(queue, "nightly@1", "r0", "r1"),
                    call(Counting::a, 7),
                    firing(queue, "nightly@2", "r1", "r2"),
                    firing(queue, "nightly@2", "r0", "other"),
                    firing(queue, "nightly@3", "r2", "r3")));

            assertThat(handles)
                    .extracting(JobHandle::enqueued)
                    .containsExactly(Enqueued.NEW, Enqueued.NEW, Enqueued.NEW, Enqueued.SUPERSEDED, Enqueued.NEW);
            assertThat(revision()).isEqualTo("r3");
            assertThat(queue.admin().counts("a").accepted()).isEqualTo(4);
        }

        @Test
        void keeps_its_queue_from_being_deleted_until_the_schedule_is_removed() {
            TaskQueue queue = producer();

            assertThatThrownBy(() -> queue.admin().deleteQueue("a", true))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("queue a was not deleted: it has 1 schedule; remove them first");

            assertThat(broker.schedules().queues().join()).contains("a");
            broker.schedules().remove("a", "nightly", "r0").join();
            queue.admin().deleteQueue("a", true);
        }
    }
}
