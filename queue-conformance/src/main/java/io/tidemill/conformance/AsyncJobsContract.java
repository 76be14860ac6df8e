package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.CancelReply;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Waits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. Tasks that return a stage: their jobs end when it does. */
public abstract class AsyncJobsContract extends RunningJobsContract {

    /** A run whose method has returned, and the future that it waits for. */
    record Begun(CompletableFuture<String> future, TaskContext context) {}

    /** Async tasks. */
    public static class Async {
        final LinkedBlockingQueue<Begun> begun = new LinkedBlockingQueue<>();
        final List<CompletableFuture<String>> all = new CopyOnWriteArrayList<>();
        final AtomicLong most = new AtomicLong();

        @Task(queue = "async", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public CompletableFuture<String> later() {
            CompletableFuture<String> future = new CompletableFuture<>();
            all.add(future);
            most.accumulateAndGet(all.stream().filter(each -> !each.isDone()).count(), Math::max);
            begun.add(new Begun(future, TaskContext.current()));
            return future;
        }

        @Task(queue = "async", timeout = "50ms", retry = @Retry(maxAttempts = 1))
        public CompletionStage<String> tooLong() {
            return later();
        }

        @Task(queue = "async", timeout = "50ms", retry = @Retry(maxAttempts = 1))
        public CompletionStage<String> deaf() {
            return later().minimalCompletionStage();
        }

        @Task(queue = "async")
        public CompletionStage<@Nullable Void> nothing() {
            return CompletableFuture.completedFuture(null);
        }

        @Task(queue = "async", retry = @Retry(maxAttempts = 1))
        @SuppressWarnings("NullAway") // what a method of an application may do all the same
        public CompletionStage<String> noStage() {
            return null;
        }

        @Task(queue = "async", retry = @Retry(maxAttempts = 5, delay = "1ms"))
        public CompletionStage<String> givesUp() {
            return CompletableFuture.supplyAsync(() -> {
                throw new TaskSignal.GiveUp(new IOException("no such address"));
            });
        }

        Begun take() throws InterruptedException {
            Begun next = begun.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("a run that has begun").isNotNull();
            return next;
        }
    }

    @Nested
    class An_async_job {

        final Async tasks = new Async();

        @Test
        void ends_when_its_stage_does_with_what_that_completes_with() throws Exception {
            TaskQueue queue = queueWith(tasks);
            JobHandle<String> job = queue.enqueue(Async::later);
            tasks.take().future().complete("done");
            assertThat(job.await(SOON)).isEqualTo("done");
            assertThat(queue.enqueue(Async::nothing).await(SOON)).isNull();
        }

        @Test
        void holds_its_slot_until_its_stage_has_ended() throws Exception {
            TaskQueue queue = start(builder(tasks).concurrency(1));
            JobHandle<String> first = queue.enqueue(Async::later);
            Begun running = tasks.take();
            JobHandle<String> second = queue.enqueue(Async::later);
            assertThat(queue.job("async", first.id()).cancel()).isEqualTo(CancelReply.REQUESTED);
            Begun next = tasks.take();
            assertThat(running.future()).isCancelled();
            next.future().complete("second");
            assertThat(second.await(SOON)).isEqualTo("second");
        }

        @Test
        void keeps_its_place_among_the_runs_of_its_task_until_its_stage_has_ended() throws Exception {
            TaskQueue queue = start(builder(tasks).task("later", it -> it.concurrency(1)));
            queue.enqueue(Async::later);
            Begun first = tasks.take();
            JobHandle<String> second = queue.enqueue(Async::later);
            assertThat(queue.enqueue(Async::nothing).await(SOON)).isNull();
            first.future().complete("first");
            tasks.take().future().complete("second");
            assertThat(second.await(SOON)).isEqualTo("second");
            assertThat(tasks.most).hasValue(1);
        }

        @Test
        void fails_with_what_its_stage_failed_with_and_is_tried_again() throws Exception {
            JobHandle<String> job = queueWith(tasks).enqueue(Async::later);
            tasks.take().future().completeExceptionally(new UncheckedIOException(new IOException("first")));
            Begun second = tasks.take();
            assertThat(second.context().attempt()).isEqualTo(2);
            second.future()
                    .completeExceptionally(new ExecutionException(new IllegalStateException("second has failed")));
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("after attempt 2")
                    .hasMessageContaining("IllegalStateException: second has failed");
        }

        @Test
        void may_fail_with_a_signal() {
            JobHandle<String> job = queueWith(tasks).enqueue(Async::givesUp);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("after attempt 1")
                    .hasMessageContaining("IOException: no such address");
        }

        @Test
        void that_takes_too_long_has_its_future_cancelled() throws Exception {
            JobHandle<String> job = queueWith(tasks).enqueue(Async::tooLong);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("ran longer than its timeout of 50 ms");
            assertThat(tasks.take().future()).isCancelled();
        }

        @Test
        void whose_stage_cannot_be_cancelled_is_abandoned_and_its_slot_is_free_again() throws Exception {
            TaskQueue queue = start(builder(tasks)
                    .worker(WorkerOptions.defaults().withConcurrency(1).withInterruptTimeout(Duration.ofMillis(50))));
            JobHandle<String> job = queue.enqueue(Async::deaf);
            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("ran longer than its timeout of 50 ms");
            Begun abandoned = tasks.take();
            assertThat(abandoned.future()).isNotDone();
            assertThat(queue.enqueue(Async::nothing).await(SOON)).isNull();
            abandoned.future().complete("too late");
        }

        @Test
        void that_is_cancelled_has_its_future_cancelled_and_its_context_says_so() throws Exception {
            TaskQueue queue = queueWith(tasks);
            JobHandle<String> job = queue.enqueue(Async::later);
            Begun running = tasks.take();
            assertThat(queue.job("async", job.id()).cancel()).isEqualTo(CancelReply.REQUESTED);
            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobCancelledException.class);
            assertThat(running.future()).isCancelled();
            assertThat(running.context().isCancelled()).isTrue();
        }

        @Test
        void that_returns_no_stage_fails_and_says_so() {
            JobHandle<String> job = queueWith(tasks).enqueue(call(Async::noStage));
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("Async.noStage() returned null instead of a stage");
        }

        @Test
        void is_waited_for_by_a_close() throws Exception {
            TaskQueue queue = start(builder(tasks).drainTimeout(Duration.ofSeconds(20)));
            JobHandle<String> job = queue.enqueue(Async::later);
            Begun running = tasks.take();
            Thread closing = new Thread(queue::close);
            closing.start();
            Waits.until("it is closing", () -> !queue.health().ready());
            assertThat(closing.isAlive()).isTrue();
            running.future().complete("done");
            closing.join(20_000);
            assertThat(closing.isAlive()).isFalse();
            assertThat(queueWith().job("async", job.id()).await(SOON)).isEqualTo("done");
        }

        @Test
        void is_cancelled_by_a_slow_close_and_spends_no_attempt() throws Exception {
            TaskQueue queue = queueWith(tasks);
            JobHandle<String> job = queue.enqueue(Async::later);
            Begun running = tasks.take();
            queue.close();
            assertThat(running.future()).isCancelled();
            events.await(QueueEvent.Released.class, 1);

            TaskQueue next = queueWith(tasks);
            Begun again = tasks.take();
            assertThat(again.context().attempt()).isEqualTo(2);
            again.future().complete("done");
            assertThat(next.job("async", job.id()).await(SOON)).isEqualTo("done");
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
        }
    }
}
