package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.Awaited;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobExpiredException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.UnknownJobException;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. What those get who await jobs, one or many. */
public abstract class AwaitedJobsContract extends ControlledWorkersContract {

    /** Tasks that end in different ways. */
    public static class Ends {

        @Task(queue = "numbers")
        public int same(int number) {
            return number;
        }

        @Task(queue = "texts")
        public String text(String text) {
            return text;
        }

        @Task(queue = "texts", retry = @Retry(maxAttempts = 1))
        public String fails(String why) {
            throw new IllegalArgumentException(why);
        }

        @Task(queue = "texts")
        public String large(int characters) {
            return "x".repeat(characters);
        }
    }

    @Nested
    class Several_awaited_jobs {

        @Test
        void are_each_told_apart_by_how_they_ended_in_the_order_of_their_handles() throws Exception {
            TaskQueue producer = queueWith();
            JobHandle<String> late = producer.enqueue(call(Ends::text, "late").expiresIn(Duration.ofMillis(1)));
            Instant before = Instant.now();
            Waits.until("its time is over", () -> Instant.now().isAfter(before.plusMillis(20)));
            JobHandle<Integer> number = producer.enqueue(Ends::same, 42);
            JobHandle<String> dead = producer.enqueue(Ends::fails, "no such card");
            JobHandle<String> text = producer.enqueue(Ends::text, "a text");
            JobHandle<String> cancelled =
                    producer.enqueue(call(Ends::text, "cancelled").delay(Duration.ofHours(1)));
            cancelled.cancel();
            JobHandle<?> unknown = producer.job("texts", "no-such-job");
            queueWith(new Ends());

            List<Awaited<Object>> all =
                    producer.awaitAll(List.of(late, number, dead, text, cancelled, unknown, number), SOON);

            assertThat(all).hasSize(7);
            assertThat(all.get(0).exception()).containsInstanceOf(JobExpiredException.class);
            assertThat(all.get(1).result()).isEqualTo(42);
            assertThat(all.get(2).exception()).containsInstanceOf(JobFailedException.class);
            assertThat(((JobFailedException) all.get(2).exception().orElseThrow()).failure())
                    .satisfies(failure -> {
                        assertThat(failure.type()).isEqualTo(IllegalArgumentException.class.getName());
                        assertThat(failure.message()).isEqualTo("no such card");
                        assertThat(failure.stack()).contains("Ends.fails");
                    });
            assertThat(all.get(3).result()).isEqualTo("a text");
            assertThat(all.get(4).exception()).containsInstanceOf(JobCancelledException.class);
            assertThat(all.get(5).exception()).containsInstanceOf(UnknownJobException.class);
            assertThat(all.get(6).result()).isEqualTo(42);
            assertThat(all)
                    .extracting(Awaited::isSuccess)
                    .containsExactly(false, true, false, true, false, false, true);
            assertThat(all.get(3).job()).isSameAs(text);
        }

        @Test
        void are_all_there_although_one_has_not_ended_in_time() throws Exception {
            TaskQueue queue = queueWith(new Ends());
            JobHandle<String> later = queue.enqueue(call(Ends::text, "later").delay(Duration.ofHours(1)));
            JobHandle<String> now = queue.enqueue(Ends::text, "now");
            now.await(SOON);

            // A busy machine may not answer in that time.
            Waits.until(
                    "the one that has ended is there",
                    () -> awaited(queue, later, now).get(1).isSuccess());

            assertThat(awaited(queue, later, now).get(0).exception())
                    .containsInstanceOf(AwaitTimeoutException.class)
                    .get()
                    .asString()
                    .contains(later.id() + " in queue texts had not ended after 100 ms");
        }

        private List<Awaited<String>> awaited(TaskQueue queue, JobHandle<String> first, JobHandle<String> second) {
            try {
                return queue.awaitAll(List.of(first, second), Duration.ofMillis(100));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Test
        void may_be_thousands() throws Exception {
            TaskQueue queue = start(builder(new Ends()).concurrency(100));
            List<Integer> numbers = IntStream.range(0, 3000).boxed().toList();
            List<JobHandle<Integer>> jobs = queue.enqueueAll(
                    numbers.stream().map(number -> call(Ends::same, number)).toList());

            assertThat(queue.awaitAll(jobs, SOON).stream().map(Awaited::result).toList())
                    .isEqualTo(numbers);
        }
    }

    @Nested
    class A_large_result {

        @Test
        void is_kept_where_the_worker_allows_it() throws Exception {
            int characters = 3 << 20;
            TaskQueue producer = queueWith();
            start(builder(new Ends()).maxResultBytes(characters + 2));

            JobHandle<String> job = producer.enqueue(Ends::large, characters);

            assertThat(job.await(SOON)).hasSize(characters);
            assertThat(producer.job(job.queue(), job.id()).await(SOON)).isEqualTo("x".repeat(characters));
        }
    }
}
