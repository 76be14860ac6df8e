package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.TypeRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. What runs record for the later runs of their job. */
public abstract class RecordedStepsContract extends AsyncJobsContract {

    /** Tasks that record what they do. What they really did stands in {@link #done}. */
    public static class Stepping {
        final Queue<String> done = new ConcurrentLinkedQueue<>();
        final CountDownLatch begun = new CountDownLatch(1);

        private <V> V did(String what, V value) {
            done.add(what);
            return value;
        }

        private void failFirst(TaskContext context, int runs) {
            if (context.attempt() <= runs) {
                throw new IllegalStateException("run " + context.attempt() + " fails");
            }
        }

        @Task(queue = "steps", retry = @Retry(maxAttempts = 5, delay = "1ms"))
        public String order(String text) {
            TaskContext context = TaskContext.current();
            Line line = context.step("line", Line.class, () -> did("line", new Line(text, 7, Instant.EPOCH)));
            failFirst(context, 1);
            List<Line> lines = context.step("lines", new TypeRef<List<Line>>() {}, () -> did("lines", List.of(line)));
            failFirst(context, 2);
            context.step("last", () -> did("last", ""));
            failFirst(context, 3);
            return lines.get(0).text() + context.attempt();
        }

        @Task(queue = "steps", retry = @Retry(maxAttempts = 3, delay = "1ms"))
        public String failsWithin() {
            TaskContext context = TaskContext.current();
            return context.step("within", String.class, () -> {
                done.add("run " + context.attempt());
                failFirst(context, 2);
                return "third";
            });
        }

        @Task(queue = "steps", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void otherOrder() {
            TaskContext context = TaskContext.current();
            context.step(context.attempt() == 1 ? "charge" : "reserve", () -> did("x", ""));
            failFirst(context, 1);
        }

        @Task(queue = "steps")
        public String diesOnce() {
            String value = TaskContext.current().step("once", String.class, () -> did("once", "kept"));
            if (TaskContext.current().attempt() == 1) {
                throw new TaskSignal.GiveUp("the first time");
            }
            return value;
        }

        @Task(queue = "steps", retry = @Retry(maxAttempts = 3, delay = "1ms"))
        public void tooLarge() {
            TaskContext.current().step("large", String.class, () -> did("large", "x".repeat(300_000)));
        }

        @Task(queue = "steps", retry = @Retry(maxAttempts = 4, delay = "1ms"))
        public String counts(int to) {
            TaskContext context = TaskContext.current();
            int from = context.lastCheckpoint(Integer.class).orElse(0);
            done.add("from " + from);
            for (int i = from + 1; i <= to; i++) {
                context.checkpoint(i);
                if (i % 10 == 0 && i < to) {
                    throw new IllegalStateException("at " + i);
                }
            }
            return "to " + to;
        }

        @Task(queue = "steps")
        public String sleeps() {
            TaskContext context = TaskContext.current();
            long before = context.step("before", Long.class, System::currentTimeMillis);
            done.add("run");
            context.sleep("a-while", Duration.ofMillis(20));
            return System.currentTimeMillis() - before >= 20 ? "slept" : "too early";
        }

        @Task(queue = "steps", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public CompletableFuture<String> later() {
            TaskContext context = TaskContext.current();
            return CompletableFuture.supplyAsync(() -> {
                String value = context.step("later", String.class, () -> did("later", "of the first run"));
                failFirst(context, 1);
                return value;
            });
        }

        @Task(queue = "steps", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void slow() throws InterruptedException {
            TaskContext.current().step("first", () -> did("first", ""));
            begun.countDown();
            TaskContext.current().step("second", () -> {
                TimeUnit.MINUTES.sleep(5);
            });
        }
    }

    @Nested
    class Recorded_steps {

        private final Stepping tasks = new Stepping();

        @Test
        void a_step_is_not_run_again_and_later_runs_get_what_it_gave() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<String> job = queue.enqueue(Stepping::order, "book");

            assertThat(job.await(SOON)).isEqualTo("book4");
            assertThat(tasks.done).containsExactly("line", "lines", "last");
        }

        @Test
        void the_stage_of_an_async_task_has_steps_as_well() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<String> job = queue.enqueue(Stepping::later);

            assertThat(job.await(SOON)).isEqualTo("of the first run");
            assertThat(tasks.done).containsExactly("later");
        }

        @Test
        void a_step_that_throws_is_run_again() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<String> job = queue.enqueue(Stepping::failsWithin);

            assertThat(job.await(SOON)).isEqualTo("third");
            assertThat(tasks.done).containsExactly("run 1", "run 2", "run 3");
        }

        @Test
        void a_step_in_another_order_is_an_error_that_names_both() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<Void> job = queue.enqueue(Stepping::otherOrder);

            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("step \"reserve\"")
                    .hasMessageContaining("step \"charge\"");
            assertThat(tasks.done).hasSize(1);
        }

        @Test
        void a_job_whose_step_gives_too_much_is_dead_and_does_not_do_the_work_again() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<Void> job = queue.enqueue(Stepping::tooLarge);

            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("step \"large\" is 300,002 bytes")
                    .hasMessageContaining("the limit is 262,144");
            assertThat(tasks.done).containsExactly("large");
        }

        @Test
        void a_loop_goes_on_from_its_last_checkpoint() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<String> job = queue.enqueue(Stepping::counts, 30);

            assertThat(job.await(SOON)).isEqualTo("to 30");
            assertThat(tasks.done).containsExactly("from 0", "from 10", "from 20");
        }

        @Test
        void a_job_that_sleeps_ends_its_run_and_goes_on_in_another() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);

            JobHandle<String> job = queue.enqueue(Stepping::sleeps);

            assertThat(job.await(SOON)).isEqualTo("slept");
            assertThat(tasks.done).hasSizeGreaterThanOrEqualTo(2);
            assertThat(queue.admin().counts("steps").dead()).isZero();
        }

        @Test
        void a_redriven_job_does_not_run_its_steps_again() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);
            JobHandle<String> job = queue.enqueue(Stepping::diesOnce);
            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobFailedException.class);

            queue.admin().redrive("steps", job.id());

            assertThat(queue.job("steps", job.id()).await(SOON)).isEqualTo("kept");
            assertThat(tasks.done).containsExactly("once");
        }

        @Test
        void what_steps_give_is_sealed() throws InterruptedException {
            TaskQueue queue = start(builder(tasks).seal(AesGcmSeal.of("key", new SecretKeySpec(new byte[32], "AES"))));

            JobHandle<String> job = queue.enqueue(Stepping::order, "book");

            assertThat(job.await(SOON)).isEqualTo("book4");
            assertThat(tasks.done).containsExactly("line", "lines", "last");
        }

        @Test
        void a_job_that_is_cancelled_within_a_step_ends_as_cancelled() throws InterruptedException {
            TaskQueue queue = queueWith(tasks);
            JobHandle<Void> job = queue.enqueue(Stepping::slow);
            assertThat(tasks.begun.await(20, TimeUnit.SECONDS)).isTrue();

            job.cancel();

            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobCancelledException.class);
            assertThat(tasks.done).containsExactly("first");
        }
    }
}
