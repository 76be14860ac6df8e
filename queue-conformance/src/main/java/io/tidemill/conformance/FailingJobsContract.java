package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.TaskQueue;
import io.tidemill.admin.JobInfo;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.Failure;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. Jobs whose tasks fail. */
public abstract class FailingJobsContract extends ScheduledCallsContract {

    /** Tasks that go wrong. */
    public static class Wrongs {
        final AtomicInteger runs = new AtomicInteger();
        final List<Integer> attempts = new CopyOnWriteArrayList<>();

        private int count() {
            attempts.add(TaskContext.current().attempt());
            return runs.incrementAndGet();
        }

        @Task(retry = @Retry(maxAttempts = 4, delay = "1ms"))
        public int succeedsAt(int run) throws IOException {
            if (count() < run) {
                throw new IOException("not yet");
            }
            return run;
        }

        @Task(retry = @Retry(maxAttempts = 5, delay = "1ms", giveUpOn = FileNotFoundException.class))
        public void givesUp() throws IOException {
            count();
            throw new IOException("wrapped", new FileNotFoundException("no such file"));
        }

        @Task(retry = @Retry(maxAttempts = 2))
        public String saysWhen() {
            if (count() == 1) {
                throw new TaskSignal.RetryAfter(Duration.ofMillis(20), new IOException("429"));
            }
            return "then";
        }

        @Task
        public void givesUpAtOnce() {
            count();
            throw new TaskSignal.GiveUp(new IOException("the order is gone"));
        }

        @Task(retry = @Retry(maxAttempts = 1))
        public String snoozes() {
            if (count() < 3) {
                throw new TaskSignal.Snooze(Duration.ofMillis(10));
            }
            return "awake";
        }

        @Task(retry = @Retry(maxAttempts = 1))
        public void snoozesAndThrows() {
            if (count() == 1) {
                throw new TaskSignal.Snooze(Duration.ofMillis(10));
            }
            throw new IllegalStateException("awake and wrong");
        }

        @Task
        public void cancels() {
            count();
            throw new TaskSignal.Cancel("order was withdrawn");
        }

        @Task
        public Object returnsItself() {
            count();
            List<Object> list = new ArrayList<>();
            list.add(list);
            return list;
        }

        @Task(retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public void overflows() {
            count();
            overflow(0);
        }

        @SuppressWarnings({"InfiniteRecursion", "PMD"})
        private int overflow(int depth) {
            return overflow(depth + 1) + 1;
        }
    }

    @Nested
    class A_failing_job {

        final Wrongs wrongs = new Wrongs();

        @Test
        void is_tried_again_until_it_succeeds() throws Exception {
            assertThat(queueWith(wrongs).enqueue(Wrongs::succeedsAt, 3).await(SOON))
                    .isEqualTo(3);
            assertThat(wrongs.attempts).containsExactly(1, 2, 3);
            assertThat(events.await(QueueEvent.Retrying.class, 2))
                    .extracting(QueueEvent.Retrying::error)
                    .containsExactly("IOException: not yet", "IOException: not yet");
        }

        @Test
        void is_dead_after_its_last_attempt_and_kept_with_its_reason() throws Exception {
            TaskQueue queue = queueWith(wrongs);
            JobHandle<Integer> job = queue.enqueue(Wrongs::succeedsAt, 99);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessage("job " + job.id() + " is dead after attempt 4: java.io.IOException: not yet");
            assertThat(wrongs.runs).hasValue(4);
            assertThat(job.state()).contains(JobState.DEAD);
            JobInfo dead = queue.admin().list("default", JobState.DEAD, 0, 10).get(0);
            assertThat(dead.id()).isEqualTo(job.id());
            assertThat(dead.task()).isEqualTo("succeedsAt");
            assertThat(dead.payload()).isEqualTo("[99]");
            assertThat(dead.failure())
                    .isNotNull()
                    .extracting(Failure::stack)
                    .asString()
                    .contains("succeedsAt");
        }

        @Test
        void may_ask_for_fewer_attempts() {
            JobHandle<Integer> job =
                    queueWith(wrongs).enqueue(call(Wrongs::succeedsAt, 99).maxAttempts(2));
            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("after attempt 2");
        }

        @Test
        void may_ask_for_other_attempts_and_other_waits_between_them() throws Exception {
            RetryPolicy policy = RetryPolicy.defaults()
                    .withMaxAttempts(3)
                    .withDelay(Duration.ofMillis(30))
                    .withMultiplier(1.5)
                    .withJitter(false);

            JobHandle<Integer> job =
                    queueWith(wrongs).enqueue(call(Wrongs::succeedsAt, 99).retry(policy));

            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("after attempt 3");
            assertThat(events.await(QueueEvent.Retrying.class, 2))
                    .as("the events of two runs may come in any order")
                    .extracting(QueueEvent.Retrying::attempt, QueueEvent.Retrying::delay)
                    .containsExactlyInAnyOrder(tuple(1, Duration.ofMillis(30)), tuple(2, Duration.ofMillis(45)));
        }

        @Test
        void is_given_up_for_the_failures_that_its_task_names_whatever_its_call_asks_for() {
            JobHandle<Void> job =
                    queueWith(wrongs).enqueue(call(Wrongs::givesUp).retry(RetryPolicy.defaults()));

            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("after attempt 1");
            assertThatThrownBy(() -> call(Wrongs::givesUp)
                            .retry(RetryPolicy.defaults().withGiveUpOn(List.of(IOException.class))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot name failures");
        }

        @Test
        void is_not_tried_again_for_a_cause_that_no_retry_mends() {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::givesUp);
            assertThatThrownBy(() -> job.await(SOON))
                    .hasMessageContaining("after attempt 1: java.io.IOException: wrapped");
        }

        @Test
        void may_say_when_to_try_again() throws Exception {
            assertThat(queueWith(wrongs).enqueue(Wrongs::saysWhen).await(SOON)).isEqualTo("then");
            assertThat(events.await(QueueEvent.Retrying.class, 1).get(0).delay())
                    .isEqualTo(Duration.ofMillis(20));
        }

        @Test
        void may_say_that_no_other_run_would_help() throws Exception {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::givesUpAtOnce);

            assertThatThrownBy(() -> job.await(SOON))
                    .hasMessageContaining("dead after attempt 1: java.io.IOException: the order is gone");
            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .isEqualTo("IOException: the order is gone");
        }

        @Test
        void that_snoozes_spends_no_attempt() throws Exception {
            assertThat(queueWith(wrongs).enqueue(Wrongs::snoozes).await(SOON)).isEqualTo("awake");
            assertThat(wrongs.attempts).containsExactly(1, 2, 3);
            assertThat(events.events(QueueEvent.Retrying.class)).isEmpty();
            assertThat(events.await(QueueEvent.Released.class, 2)).hasSize(2);
        }

        @Test
        void that_snoozed_before_is_dead_after_the_same_attempt_wherever_it_is_told() throws Exception {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::snoozesAndThrows);

            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("is dead after attempt 2: ");
            assertThat(wrongs.attempts).containsExactly(1, 2);
            assertThat(events.await(QueueEvent.Died.class, 1))
                    .extracting(QueueEvent.Died::attempt)
                    .containsExactly(2);
        }

        @Test
        void may_end_as_cancelled() {
            JobHandle<Void> job = queueWith(wrongs).enqueue(Wrongs::cancels);
            assertThatThrownBy(() -> job.await(SOON)).isInstanceOf(JobCancelledException.class);
            assertThat(job.state()).contains(JobState.CANCELLED);
        }

        @Test
        void whose_result_cannot_be_written_is_dead_and_not_run_again() {
            JobHandle<Object> job = queueWith(wrongs).enqueue(Wrongs::returnsItself);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("ran to its end, but the result");
            assertThat(wrongs.runs).hasValue(1);
        }

        @Test
        void that_throws_an_error_hurts_only_itself() throws Exception {
            TaskQueue queue = queueWith(wrongs, new Shapes());
            JobHandle<Void> job = queue.enqueue(Wrongs::overflows);
            assertThatThrownBy(() -> job.await(SOON)).hasMessageContaining("StackOverflowError");
            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
        }

        @Test
        void whose_arguments_cannot_be_read_is_dead_with_its_bytes_and_the_worker_goes_on() throws Exception {
            TaskQueue queue = queueWith(new Shapes());
            TaskQueue producer = queueWith();
            JobHandle<Object> job = producer.enqueue("add", "one", "two");
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("the arguments of task \"add\" cannot be read: argument 0 does not fit int")
                    .hasMessageContaining("declared as Shapes.add(int, long)");
            assertThat(queue.admin().find("default", job.id()).orElseThrow().payload())
                    .isEqualTo("[\"one\",\"two\"]");
            assertThat(queue.enqueue(Shapes::none).await(SOON)).isEqualTo("none");
        }
    }
}
