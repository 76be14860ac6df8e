package io.tidemill.conformance;

import static io.tidemill.client.Call.item;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.TaskRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.Batch;
import io.tidemill.task.BatchSize;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Waits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Part of the {@link TaskQueueContract}. Batch tasks: one run of a method for several jobs, each of which ends alone.
 *
 * <p>Where a test counts on the jobs of a batch, the batch waits for an hour: it begins because it is full.
 */
public abstract class BatchJobsContract extends RecordedStepsContract {

    /** What a method does with its batch. */
    interface Code {
        void run(Batch<String> batch) throws Exception;
    }

    /** Batch tasks. */
    public static class Batches {
        final List<List<String>> ran = new CopyOnWriteArrayList<>();
        final LinkedBlockingQueue<Batch<String>> begun = new LinkedBlockingQueue<>();
        final CountDownLatch gate = new CountDownLatch(1);
        volatile Code code = batch -> {};

        @Task(
                queue = "batch",
                batch = @BatchSize(max = 3, within = "1h"),
                retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void three(Batch<String> batch) throws Exception {
            run(batch);
        }

        @Task(
                queue = "batch",
                batch = @BatchSize(max = 2, within = "1h"),
                timeout = "50ms",
                retry = @Retry(maxAttempts = 1))
        public void twoInTime(Batch<String> batch) throws Exception {
            run(batch);
        }

        @Task(queue = "batch", batch = @BatchSize(within = "10ms"))
        public void soon(Batch<String> batch) throws Exception {
            run(batch);
        }

        @Task(queue = "batch", batch = @BatchSize(max = 3, within = "1h"))
        public void lengths(Batch.WithResults<String, Integer> batch) {
            ran.add(batch.values());
            batch.each(String::length);
        }

        @Task(queue = "batch", batch = @BatchSize(max = 2, within = "1h"), retry = @Retry(maxAttempts = 1))
        public void forgetful(Batch.WithResults<String, String> batch) {
            batch.items().stream().filter(item -> item.value().equals("a")).forEach(item -> item.succeed("answered"));
        }

        private void run(Batch<String> batch) throws Exception {
            ran.add(batch.values());
            begun.add(batch);
            code.run(batch);
        }

        Batch<String> take() throws InterruptedException {
            Batch<String> next = begun.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("a batch that has begun").isNotNull();
            return next;
        }

        static TaskContext contextOf(Batch<String> batch, String value) {
            return batch.items().stream()
                    .filter(item -> item.value().equals(value))
                    .findFirst()
                    .orElseThrow()
                    .context();
        }
    }

    @Nested
    class A_batch {

        final Batches tasks = new Batches();

        @SafeVarargs
        private static <R> List<R> results(JobHandle<R>... jobs) throws InterruptedException {
            List<R> results = new ArrayList<>();
            for (JobHandle<R> job : jobs) {
                results.add(job.await(SOON));
            }
            return results;
        }

        @Test
        void runs_once_for_all_of_its_jobs_and_each_has_a_result_of_its_own() throws Exception {
            TaskQueue queue = queueWith(tasks);
            TaskRef.Of1<String, Integer> lengths = TaskRef.batch(Batches::lengths);
            JobHandle<Integer> a = queue.enqueue(item(Batches::lengths, "a"));
            JobHandle<Integer> bb = queue.enqueue(lengths.call("bb"));
            JobHandle<Integer> ccc = queue.enqueue(item(Batches::lengths, "ccc").priority(8));
            assertThat(results(a, bb, ccc)).containsExactly(1, 2, 3);
            assertThat(tasks.ran).hasSize(1);
            assertThat(tasks.ran.get(0)).containsExactlyInAnyOrder("a", "bb", "ccc");
        }

        @Test
        void that_is_not_full_begins_when_its_first_job_has_waited_for_long_enough() throws Exception {
            JobHandle<Void> job = queueWith(tasks).enqueue(item(Batches::soon, "alone"));
            assertThat(job.await(SOON)).isNull();
            assertThat(tasks.ran).containsExactly(List.of("alone"));
        }

        @Test
        void waits_for_no_more_jobs_than_the_worker_has_slots_for() throws Exception {
            TaskQueue queue = start(builder(tasks).concurrency(1));
            JobHandle<Void> first = queue.enqueue(item(Batches::three, "a"));
            JobHandle<Void> second = queue.enqueue(item(Batches::three, "b"));
            results(first, second);
            assertThat(tasks.ran).containsExactly(List.of("a"), List.of("b"));
        }

        @Test
        void waits_for_no_more_jobs_than_its_queue_has_slots_for() throws Exception {
            TaskQueue queue = start(builder(tasks).concurrency("batch", 2));
            JobHandle<Void> first = queue.enqueue(item(Batches::three, "a"));
            JobHandle<Void> second = queue.enqueue(item(Batches::three, "b"));
            results(first, second);
            assertThat(tasks.ran).hasSize(1);
        }

        @Test
        void fails_one_item_alone_which_is_tried_again_in_a_later_batch() throws Exception {
            TaskQueue queue = queueWith(tasks);
            tasks.code = batch -> batch.items().stream()
                    .filter(item -> item.value().equals("bad") && item.context().attempt() == 1)
                    .forEach(item -> item.fail(new IOException("not this time")));
            JobHandle<Void> bad = queue.enqueue(item(Batches::three, "bad"));
            JobHandle<Void> a = queue.enqueue(item(Batches::three, "a"));
            JobHandle<Void> b = queue.enqueue(item(Batches::three, "b"));
            results(a, b);
            assertThat(events.await(QueueEvent.Retrying.class, 1).get(0).job().id())
                    .isEqualTo(bad.id());
            JobHandle<Void> c = queue.enqueue(item(Batches::three, "c"));
            JobHandle<Void> d = queue.enqueue(item(Batches::three, "d"));
            results(bad, c, d);
            assertThat(tasks.ran.get(1)).containsExactlyInAnyOrder("bad", "c", "d");
        }

        @Test
        void that_throws_fails_the_items_that_have_no_answer() throws Exception {
            TaskQueue queue = queueWith(tasks);
            tasks.code = batch -> {
                batch.items().stream().filter(item -> item.value().equals("a")).forEach(Batch.Item::succeed);
                throw new StackOverflowError("too deep");
            };
            JobHandle<Void> a = queue.enqueue(item(Batches::three, "a").maxAttempts(1));
            JobHandle<Void> b = queue.enqueue(item(Batches::three, "b").maxAttempts(1));
            JobHandle<Void> c = queue.enqueue(item(Batches::three, "c").maxAttempts(1));
            assertThat(a.await(SOON)).isNull();
            for (JobHandle<Void> failed : List.of(b, c)) {
                assertThatThrownBy(() -> failed.await(SOON))
                        .isInstanceOf(JobFailedException.class)
                        .hasMessageContaining("StackOverflowError: too deep");
            }
        }

        @Test
        void that_gives_an_item_no_result_has_failed_it() throws Exception {
            TaskQueue queue = queueWith(tasks);
            JobHandle<String> a = queue.enqueue(item(Batches::forgetful, "a"));
            JobHandle<String> b = queue.enqueue(item(Batches::forgetful, "b"));
            assertThat(a.await(SOON)).isEqualTo("answered");
            assertThatThrownBy(() -> b.await(SOON)).hasMessageContaining("gave this item no result");
        }

        @Test
        void ends_an_item_as_soon_as_it_has_an_answer() throws Exception {
            TaskQueue queue = queueWith(tasks);
            tasks.code = batch -> {
                batch.items().stream().filter(item -> item.value().equals("a")).forEach(Batch.Item::succeed);
                tasks.gate.await();
            };
            JobHandle<Void> a = queue.enqueue(item(Batches::three, "a"));
            JobHandle<Void> b = queue.enqueue(item(Batches::three, "b"));
            JobHandle<Void> c = queue.enqueue(item(Batches::three, "c"));
            assertThat(a.await(SOON)).isNull();
            assertThat(b.result()).isEmpty();
            tasks.gate.countDown();
            results(b, c);
        }

        @Test
        void does_not_have_a_job_that_was_cancelled_while_it_waited() throws Exception {
            TaskQueue queue = queueWith(tasks);
            JobHandle<Void> gone = queue.enqueue(item(Batches::three, "gone"));
            JobHandle<Void> a = queue.enqueue(item(Batches::three, "a"));
            gone.cancel();
            assertThatThrownBy(() -> gone.await(SOON)).isInstanceOf(JobCancelledException.class);
            JobHandle<Void> b = queue.enqueue(item(Batches::three, "b"));
            JobHandle<Void> c = queue.enqueue(item(Batches::three, "c"));
            results(a, b, c);
            assertThat(tasks.ran).hasSize(1);
            assertThat(tasks.ran.get(0)).containsExactlyInAnyOrder("a", "b", "c");
        }

        @Test
        void shows_that_an_item_was_cancelled_and_runs_on_for_the_others() throws Exception {
            TaskQueue queue = queueWith(tasks);
            tasks.code = batch -> {
                tasks.gate.await();
                batch.each(value -> {});
            };
            JobHandle<Void> gone = queue.enqueue(item(Batches::three, "gone"));
            JobHandle<Void> a = queue.enqueue(item(Batches::three, "a"));
            JobHandle<Void> b = queue.enqueue(item(Batches::three, "b"));
            TaskContext context = Batches.contextOf(tasks.take(), "gone");
            gone.cancel();
            Waits.until("the item is cancelled", context::isCancelled);
            tasks.gate.countDown();
            assertThatThrownBy(() -> gone.await(SOON)).isInstanceOf(JobCancelledException.class);
            results(a, b);
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
        }

        @Test
        void is_interrupted_when_all_of_its_jobs_are_cancelled() throws Exception {
            TaskQueue queue = queueWith(tasks);
            tasks.code = batch -> tasks.gate.await();
            List<JobHandle<Void>> jobs = Stream.of("a", "b", "c")
                    .map(value -> queue.enqueue(item(Batches::three, value)))
                    .toList();
            tasks.take();
            jobs.forEach(JobHandle::cancel);
            for (JobHandle<Void> job : jobs) {
                assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobCancelledException.class);
            }
        }

        @Test
        void that_takes_too_long_is_interrupted_and_each_of_its_jobs_has_timed_out() {
            TaskQueue queue = queueWith(tasks);
            tasks.code = batch -> tasks.gate.await();
            JobHandle<Void> a = queue.enqueue(item(Batches::twoInTime, "a"));
            JobHandle<Void> b = queue.enqueue(item(Batches::twoInTime, "b"));
            for (JobHandle<Void> job : List.of(a, b)) {
                assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("ran longer than its timeout of 50 ms");
            }
        }

        @Test
        void that_waits_is_given_back_by_a_close_without_an_attempt_spent() throws Exception {
            TaskQueue queue = queueWith(tasks);
            JobHandle<Void> a = queue.enqueue(item(Batches::three, "a"));
            JobHandle<Void> b = queue.enqueue(item(Batches::three, "b"));
            Waits.until(
                    "both wait for their batch",
                    () -> queue.admin().counts("batch").active() == 2);
            queue.close();
            events.await(QueueEvent.Released.class, 2);

            TaskQueue next = queueWith(tasks);
            JobHandle<Void> c = next.enqueue(item(Batches::three, "c"));
            assertThat(events.await(QueueEvent.Succeeded.class, 3))
                    .extracting(event -> event.job().id())
                    .containsExactlyInAnyOrder(a.id(), b.id(), c.id());
            assertThat(tasks.ran).hasSize(1);
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
        }

        @Test
        void runs_interceptors_and_events_for_each_item() throws Exception {
            Map<String, Object> seen = new ConcurrentHashMap<>();
            TaskQueue queue = start(builder(tasks).interceptRuns(invocation -> {
                seen.put(invocation.context().jobId(), String.valueOf(invocation.arguments()));
                return invocation.proceed();
            }));
            JobHandle<Integer> a = queue.enqueue(item(Batches::lengths, "a").id("first"));
            JobHandle<Integer> bb = queue.enqueue(item(Batches::lengths, "bb").id("second"));
            JobHandle<Integer> ccc = queue.enqueue(item(Batches::lengths, "ccc").id("third"));
            results(a, bb, ccc);
            assertThat(seen).isEqualTo(Map.of("first", "[a]", "second", "[bb]", "third", "[ccc]"));
            assertThat(events.await(QueueEvent.Started.class, 3))
                    .extracting(event -> event.job().id())
                    .containsExactlyInAnyOrder("first", "second", "third");
            assertThat(events.await(QueueEvent.Succeeded.class, 3)).hasSize(3);
        }

        @Test
        void is_one_of_as_many_as_its_task_may_have_at_once() throws Exception {
            TaskQueue queue = start(builder(tasks).concurrency(20).task("three", it -> it.concurrency(1)));
            CountDownLatch bothAtOnce = new CountDownLatch(2);
            List<Boolean> overlaps = new CopyOnWriteArrayList<>();
            tasks.code = batch -> {
                bothAtOnce.countDown();
                tasks.gate.await();
                // The first gives a second one time to begin beside it. The second finds that both have begun.
                if (overlaps.isEmpty()) {
                    overlaps.add(bothAtOnce.await(200, TimeUnit.MILLISECONDS));
                }
            };
            List<JobHandle<Void>> jobs = Stream.of("a", "b", "c", "d", "e", "f")
                    .map(value -> queue.enqueue(item(Batches::three, value)))
                    .toList();
            Waits.until(
                    "all jobs are claimed", () -> queue.admin().counts("batch").active() == 6);
            tasks.gate.countDown();
            for (JobHandle<Void> job : jobs) {
                job.await(SOON);
            }
            assertThat(tasks.ran).hasSize(2);
            assertThat(overlaps).containsExactly(false);
        }
    }
}
