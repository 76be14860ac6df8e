package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.BulkException;
import io.tidemill.client.Call;
import io.tidemill.client.JobExpiredException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.UnknownTaskException;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Task;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. Calls: one, many at once, and prepared ones. */
public abstract class CallsContract extends TaskQueueHarness {

    @Nested
    class A_call {

        @Test
        void brings_back_what_the_method_returned_with_its_generic_types() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            Instant now = Instant.parse("2026-11-20T10:15:30.123456Z");

            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
            assertThat(queue.enqueue(Shapes::add, 40, 2L).await(SOON)).isEqualTo(42L);
            assertThat(queue.enqueue(Shapes::lines, List.of(new Line("a", 0, now)), Map.of("a", 7))
                            .await(SOON))
                    .containsExactly(new Line("a", 7, now));
            assertThat(queue.enqueue(task(Shapes::eight).call("1", "2", "3", "4", "5", "6", "7", "8"))
                            .await(SOON))
                    .isEqualTo("12345678");
        }

        @Test
        void of_a_void_task_ends_with_null() throws Exception {
            assertThat(queueWith(new Shapes()).enqueue(Shapes::silent, "x").await(SOON))
                    .isNull();
        }

        @Test
        @SuppressWarnings("NullAway") // what a caller without a null checker does
        void carries_a_null_argument() throws Exception {
            assertThat(queueWith(new Shapes())
                            .enqueue(Shapes::describe, (String) null)
                            .await(SOON))
                    .isEqualTo("got null");
        }

        @Test
        void may_name_the_method_of_an_interface() throws Exception {
            TaskQueue queue = queueWith(new EnglishGreetings());
            assertThat(queue.enqueue(Greetings::greet, "Ada").await(SOON)).isEqualTo("Hello, Ada");
            assertThat(queue.enqueue(EnglishGreetings::greet, "Bob").await(SOON))
                    .isEqualTo("Hello, Bob");
        }

        @Test
        void may_come_from_a_producer_without_tasks() throws Exception {
            queueWith(new EnglishGreetings());
            TaskQueue producer = queueWith();
            assertThat(producer.enqueue(Greetings::greet, "Ada").await(SOON)).isEqualTo("Hello, Ada");
            assertThat(producer.enqueue(Call.named("greet", "Bob").queue("greetings"))
                            .await(SOON))
                    .isEqualTo("Hello, Bob");
        }

        @Test
        void by_a_misspelt_name_is_refused_with_the_nearest_name() {
            TaskQueue queue = queueWith(new Shapes());
            assertThatThrownBy(() -> queue.enqueue("lnies"))
                    .isInstanceOf(UnknownTaskException.class)
                    .hasMessageContaining("no task named \"lnies\"")
                    .hasMessageContaining("did you mean \"lines\"?");
        }

        @Test
        void by_name_with_the_wrong_arguments_is_refused_and_nothing_is_stored() {
            TaskQueue queue = queueWith(new Shapes());
            assertThatThrownBy(() -> queue.enqueue("add", 1))
                    .isInstanceOf(PayloadException.class)
                    .hasMessage("task \"add\" was not enqueued: the task takes 2 arguments, the job has 1;"
                            + " it is declared as Shapes.add(int, long)");
            assertThatThrownBy(() -> queue.enqueue("add", 1, "two"))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("argument 1 does not fit long");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        void of_a_method_of_one_object_is_refused_and_nothing_is_stored() {
            Shapes shapes = new Shapes();
            TaskQueue queue = queueWith(shapes);
            assertThatThrownBy(() -> queue.enqueue(shapes::describe))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("write Shapes::describe instead of object::describe");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        @SuppressWarnings("NullAway") // what a caller without a null checker does
        void with_null_for_a_primitive_is_refused_and_nothing_is_stored() {
            TaskQueue queue = queueWith(new Shapes());
            assertThatThrownBy(() -> queue.enqueue(Shapes::add, (Integer) null, 2L))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("argument 0 is null but the task takes int");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        void that_is_too_large_is_refused_and_nothing_is_stored() {
            TaskQueue queue = start(builder(new Shapes()).maxPayloadBytes(1000));
            assertThatThrownBy(() -> queue.enqueue(
                            task(Shapes::eight).call("a", "b", "x".repeat(2000), "d", "e", "f", "g", "h")))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("task \"eight\" was not enqueued: its record is 2,0")
                    .hasMessageContaining("the limit is 1,000 (maxPayloadBytes)")
                    .hasMessageContaining("argument 2 with 2,004 bytes");
            assertThat(queue.admin().counts("default").accepted()).isZero();
        }

        @Test
        void with_a_known_id_changes_nothing() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            JobHandle<String> first = queue.enqueue(call(Shapes::describe, "1").id("job-1"));
            JobHandle<String> second = queue.enqueue(call(Shapes::describe, "2").id("job-1"));
            assertThat(second.await(SOON)).isEqualTo("got 1");
            assertThat(first.await(SOON)).isEqualTo("got 1");
            assertThat(queue.admin().counts("default").accepted()).isOne();
            events.await(QueueEvent.Duplicate.class, 1);
        }

        @Test
        void without_waiting_arrives_all_the_same() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            var handles = IntStream.range(0, 500)
                    .mapToObj(i -> queue.enqueueAsync(call(Shapes::describe, "" + i)))
                    .toList();
            for (int i = 0; i < handles.size(); i++) {
                assertThat(handles.get(i).get(20, TimeUnit.SECONDS).await(SOON)).isEqualTo("got " + i);
            }
        }
    }

    /** Counts runs by job. */
    public static class Counting {
        final Map<Integer, AtomicInteger> runs = new ConcurrentHashMap<>();

        @Task(queue = "a")
        public void a(int number) {
            runs.computeIfAbsent(number, n -> new AtomicInteger()).incrementAndGet();
        }

        @Task(queue = "b")
        public void b(int number) {
            a(-number);
        }
    }

    @Nested
    class Calls_in_bulk {

        final Counting counting = new Counting();

        @Test
        void are_stored_in_their_order_with_all_that_one_call_may_ask_for() throws Exception {
            TaskQueue producer = queueWith();
            List<Call<Void>> calls = new ArrayList<>();
            for (int i = 1; i <= 2500; i++) {
                calls.add(call(Counting::a, i).priority(i % 2 == 0 ? 4 : 5));
            }
            calls.set(1, call(Counting::a, 2).delay(Duration.ofMillis(20)));
            calls.set(2, call(Counting::b, 3).expiresIn(Duration.ofHours(1)));

            List<JobHandle<Void>> handles = producer.enqueueAll(calls);

            assertThat(handles).hasSize(2500).allMatch(JobHandle::isNew);
            assertThat(handles.get(2).queue()).isEqualTo("b");
            List<String> ready = new ArrayList<>();
            for (int offset = 0; offset < 2500; offset += 1000) {
                producer.admin().list("a", JobState.READY, offset, 1000).forEach(job -> ready.add(job.id()));
            }
            assertThat(ready)
                    .startsWith(
                            handles.get(0).id(),
                            handles.get(4).id(),
                            handles.get(6).id());
            queueWith(counting);
            for (JobHandle<?> handle : handles) {
                handle.await(SOON);
            }
            assertThat(counting.runs).hasSize(2500);
        }

        @Test
        void tell_which_were_there_already() {
            TaskQueue producer = queueWith();
            JobHandle<Void> there = producer.enqueue(call(Counting::a, 1).unique("one"));

            List<JobHandle<Void>> handles = producer.enqueueAll(List.of(
                    call(Counting::a, 1).unique("one"),
                    call(Counting::a, 2).unique("two"),
                    call(Counting::a, 3).unique(Unique.untilDone("two").onConflict(Unique.Conflict.REFUSE)),
                    call(Counting::a, 4).id("four"),
                    call(Counting::a, 5).id("four")));

            assertThat(handles).extracting(JobHandle::isNew).containsExactly(false, true, false, true, false);
            assertThat(handles.get(0).id()).isEqualTo(there.id());
            assertThat(handles.get(2).id()).isEqualTo(handles.get(1).id());
            assertThat(producer.admin().counts("a").accepted()).isEqualTo(3);
        }

        @Test
        void with_a_wrong_one_say_which_and_store_nothing_of_its_slice() {
            TaskQueue producer = start(builder().maxPayloadBytes(1000));
            Stream<Call<String>> calls =
                    IntStream.range(0, 5000).mapToObj(i -> call(Shapes::describe, i == 2417 ? "x".repeat(2000) : "x"));
            AtomicInteger handled = new AtomicInteger();

            assertThatThrownBy(() -> producer.enqueueAll(calls, handle -> handled.incrementAndGet()))
                    .isInstanceOfSatisfying(BulkException.class, e -> {
                        assertThat(e.index()).isEqualTo(2417);
                        assertThat(e.done()).isEqualTo(2000);
                    })
                    .hasMessageContaining("call 2417: task \"describe\" was not enqueued: its record is 2,0")
                    .hasMessageEndingWith("; calls 0 to 1999 are done, none after");

            assertThat(handled).hasValue(2000);
            assertThat(producer.admin().counts("default").accepted()).isEqualTo(2000);
        }

        @Test
        void from_a_stream_are_drawn_as_they_are_needed() {
            TaskQueue producer = queueWith();
            AtomicInteger drawn = new AtomicInteger();
            AtomicInteger handled = new AtomicInteger();
            AtomicInteger mostHeld = new AtomicInteger();
            Stream<Call<Void>> calls = IntStream.iterate(1, i -> i + 1)
                    .limit(20_000)
                    .mapToObj(i -> {
                        drawn.incrementAndGet();
                        return call(Counting::a, i).unique("key-" + i % 15_000);
                    });

            BulkCounts counts = producer.enqueueAll(calls, handle -> {
                mostHeld.accumulateAndGet(drawn.get() - handled.get(), Math::max);
                handled.incrementAndGet();
            });

            assertThat(counts).isEqualTo(BulkCounts.of(15_000, 5_000));
            assertThat(handled).hasValue(20_000);
            assertThat(mostHeld.get()).isLessThanOrEqualTo(2001);
            assertThat(producer.enqueueAll(Stream.empty())).isEqualTo(BulkCounts.of(0, 0));
        }
    }

    @Nested
    class A_prepared_job {

        @Test
        void is_stored_by_a_process_without_the_task_and_runs() throws Exception {
            byte[] bytes = queueWith().prepare(call(Shapes::add, 1, 2L)).toBytes();
            TaskQueue worker = queueWith(new Shapes());

            JobHandle<Object> job = queueWith().enqueue(PreparedJob.fromBytes(bytes));

            assertThat(job.await(SOON)).isEqualTo(3);
            assertThat(worker.job(task(Shapes::add), job.id()).await(SOON)).isEqualTo(3L);
        }

        @Test
        void stores_nothing_before_it_is_enqueued_and_one_job_however_often_it_is() {
            TaskQueue queue = queueWith();
            PreparedJob prepared = queue.prepare(call(Counting::a, 1).priority(7));
            assertThat(queue.admin().counts("a").accepted()).isZero();

            JobHandle<Object> first = queue.enqueue(prepared);
            JobHandle<Object> second = queue.enqueue(PreparedJob.fromBytes(prepared.toBytes()));

            assertThat(List.of(first.isNew(), second.isNew())).containsExactly(true, false);
            assertThat(List.of(first.id(), second.id())).containsOnly(prepared.id());
            assertThat(queue.admin().counts("a").accepted()).isEqualTo(1);
        }

        @Test
        void goes_in_bulk_beside_calls() {
            TaskQueue queue = queueWith();
            PreparedJob prepared = queue.prepare(call(Counting::a, 1));

            List<JobHandle<Object>> handles = queue.enqueueAll(
                    List.of(prepared, call(Counting::b, 2), PreparedJob.fromBytes(prepared.toBytes())));

            assertThat(handles).extracting(JobHandle::isNew).containsExactly(true, true, false);
            assertThat(queue.enqueueAll(Stream.of(prepared))).isEqualTo(BulkCounts.of(0, 1));
        }

        @Test
        void counts_its_delay_and_its_expiry_from_when_it_was_prepared() {
            TaskQueue queue = queueWith();
            PreparedJob due = queue.prepare(call(Counting::a, 1).delay(Duration.ofHours(1)));
            PreparedJob early = queue.prepare(call(Counting::a, 2).delay(Duration.ofHours(3)));
            PreparedJob late = queue.prepare(call(Counting::a, 3).expiresIn(Duration.ofHours(1)));

            JobHandle<Object> ready = queue.enqueue(twoHoursAgo(due));
            JobHandle<Object> waits = queue.enqueue(twoHoursAgo(early));
            JobHandle<Object> expired = queue.enqueue(twoHoursAgo(late));

            assertThat(ready.state()).contains(JobState.READY);
            assertThat(waits.state()).contains(JobState.SCHEDULED);
            assertThat(queue.admin().find("a", waits.id()).orElseThrow().times().due())
                    .isBetween(
                            Instant.now().plus(Duration.ofMinutes(50)),
                            Instant.now().plus(Duration.ofMinutes(61)));
            queueWith(new Counting());
            assertThatThrownBy(() -> expired.await(SOON)).isInstanceOf(JobExpiredException.class);
        }

        /** A worker that waits for jobs would begin one in less than the last millisecond. */
        @Test
        void that_is_late_never_starts_however_quick_a_worker_is() {
            TaskQueue queue = queueWith(new Counting());
            List<JobHandle<Object>> handles = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                handles.add(queue.enqueue(
                        twoHoursAgo(queue.prepare(call(Counting::a, i).expiresIn(Duration.ofHours(1))))));
            }

            for (JobHandle<Object> handle : handles) {
                assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(JobExpiredException.class);
            }
        }

        private PreparedJob twoHoursAgo(PreparedJob job) {
            long then = job.preparedAtMillis() - Duration.ofHours(2).toMillis();
            return new PreparedJob(job.queue(), job.task(), job.job(), then, job.resultType());
        }

        @Test
        void is_refused_where_its_call_would_be() {
            TaskQueue queue = start(builder(new Shapes()).maxPayloadBytes(1000));

            assertThatThrownBy(() -> queue.prepare(call(Shapes::describe, "x".repeat(2000))))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("task \"describe\" was not enqueued: its record is 2,0");
            assertThatThrownBy(() -> queue.prepare(Call.named("descrbe", "x")))
                    .isInstanceOf(UnknownTaskException.class)
                    .hasMessageContaining("did you mean \"describe\"?");
            PreparedJob large = queueWith().prepare(call(Shapes::describe, "x".repeat(2000)));
            assertThatThrownBy(() -> queue.enqueue(large))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("the limit is 1,000");
        }
    }
}
