package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.TestContext;
import io.tidemill.test.TestQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/guide-steps.md, whose text {@link DocumentsTest} compares. */
class StepExamplesTest {

    private final OrderTasks tasks = new OrderTasks();

    @Test
    void steps() throws Exception {
        try (TaskQueue queue = TaskQueue.builder().tasks(tasks).start()) {
            assertThat(queue.enqueue(OrderTasks::fulfil, "o1").await(Duration.ofSeconds(20)))
                    .isNull();
        }
        assertThat(tasks.effects).containsExactly("reserve o1", "charge o1", "ship o1 [lamp, bulb] receipt of o1");
    }

    @Test
    void aSecondRun() throws Exception {
        // region: second-run
        TestContext first = TestContext.of("job-1");
        TaskContext.callWith(first, () -> {
            tasks.fulfil("o1");
            return null;
        });
        TaskContext.callWith(first.withAttempt(2), () -> {
            tasks.fulfil("o1");
            return null;
        });
        assertThat(tasks.effects).hasSize(3);
        // endregion
    }

    @Test
    void checkpoint() throws Exception {
        TestContext first = TestContext.of("job-1");
        TaskContext.callWith(first, () -> {
            tasks.reindex(150);
            return null;
        });
        assertThat(tasks.effects).hasSize(150);

        TaskContext.callWith(first.withAttempt(2), () -> {
            tasks.reindex(150);
            return null;
        });

        assertThat(tasks.effects).hasSize(200);
        assertThat(tasks.effects.get(150)).isEqualTo("index 100");
    }

    @Test
    void progress() throws Exception {
        List<String> shown = new ArrayList<>();
        try (TaskQueue queue = TaskQueue.builder().tasks(tasks).start()) {
            // region: await-progress
            JobHandle<String> job = queue.enqueue(OrderTasks::export, 3);
            String file = job.await(Duration.ofMinutes(1), progress -> shown.add(progress.message()));
            // endregion
            assertThat(file).isEqualTo("orders.csv");
            assertThat(shown).last().isEqualTo("page 3 of 3");
        }
    }

    @Test
    void progressOfATask() throws Exception {
        // region: test-progress
        TestContext context = TestContext.of("job-1");
        TaskContext.callWith(context, () -> tasks.export(2));
        assertThat(context.reported().percent()).hasValue(100);
        assertThat(context.reported().lines()).hasSize(2);
        // endregion
    }

    @Test
    void sleepInAQueue() {
        // region: steps-queue
        try (TestQueue queue = TestQueue.of(tasks)) {
            queue.enqueue(OrderTasks::followUp, "o1");

            queue.runUntilIdle(); // to the sleep
            assertThat(tasks.effects).containsExactly("remind o1");

            queue.advance(Duration.ofDays(3));
            assertThat(tasks.effects).containsExactly("remind o1", "remind o1");
        }
        // endregion
    }

    @Test
    void sleep() throws Exception {
        TestContext first = TestContext.of("job-1");
        assertThatThrownBy(() -> TaskContext.callWith(first, () -> {
                    tasks.followUp("o1");
                    return null;
                }))
                .isInstanceOf(TaskSignal.Snooze.class);
        assertThat(tasks.effects).hasSize(1);

        TaskContext.callWith(first.withAttempt(2), () -> {
            tasks.followUp("o1");
            return null;
        });

        assertThat(tasks.effects).hasSize(2);
    }
}
