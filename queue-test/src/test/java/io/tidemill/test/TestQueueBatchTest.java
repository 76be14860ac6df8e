package io.tidemill.test;

import static io.tidemill.client.Call.item;
import static io.tidemill.client.TaskRef.batch;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.event.QueueEvent;
import io.tidemill.task.Batch;
import io.tidemill.task.BatchSize;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TestQueueBatchTest {

    private final Words words = new Words();
    private final TestQueue queue = TestQueue.of(words);

    @AfterEach
    void close() {
        queue.close();
    }

    /** A batch task, and one that runs each job alone. */
    public static final class Words {

        final List<List<String>> ran = new ArrayList<>();

        @Task(
                queue = "words",
                batch = @BatchSize(max = 3, within = "1m"),
                retry = @Retry(maxAttempts = 2, delay = "1m", jitter = false))
        public void measure(Batch.WithResults<String, Integer> batch) {
            ran.add(batch.values());
            batch.each(word -> {
                if (word.isEmpty()) {
                    throw new IllegalArgumentException("no word");
                }
                return word.length();
            });
        }

        @Task(queue = "words")
        public void single(String word) {
            ran.add(List.of(word));
        }
    }

    @Test
    void what_is_due_at_one_instant_runs_in_batches_without_a_wait() {
        Stream.of("a", "b", "c", "d", "e").forEach(word -> queue.enqueue(item(Words::measure, word)));
        queue.enqueue(Words::single, "f");
        queue.runUntilIdle();
        assertThat(words.ran).containsExactlyInAnyOrder(List.of("a", "b", "c"), List.of("d", "e"), List.of("f"));
    }

    @Test
    void a_run_has_the_result_of_its_own_item_and_its_attempts() {
        queue.enqueue(item(Words::measure, "other"));
        TestRun<Integer> run = queue.run(item(Words::measure, "seven77"));
        assertThat(run.result()).isEqualTo(7);
        assertThat(run.attempts()).hasSize(1);
        assertThat(words.ran).containsExactly(List.of("other", "seven77"));
    }

    @Test
    void an_item_that_fails_is_tried_again_after_its_wait() {
        TestRun<Integer> run = queue.run(item(Words::measure, ""));
        assertThat(run.isSuccess()).isFalse();
        assertThat(run.waits()).containsExactly(Duration.ofMinutes(1));
        assertThat(run.thrown()).hasMessage("no word");
    }

    @Test
    void a_fault_of_the_test_takes_one_item_out() {
        queue.failNext(batch(Words::measure), new IllegalStateException("injected"));
        queue.enqueue(item(Words::measure, "a"));
        queue.enqueue(item(Words::measure, "b"));
        queue.runUntilIdle();
        assertThat(words.ran).containsExactly(List.of("b"));
        queue.advance(Duration.ofMinutes(1));
        assertThat(words.ran).containsExactly(List.of("b"), List.of("a"));
        assertThat(queue.events().stream().filter(QueueEvent.Succeeded.class::isInstance))
                .hasSize(2);
    }
}
