package io.tidemill.conformance;

import static io.tidemill.client.TaskRef.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tidemill.client.TaskRef;
import io.tidemill.conformance.fault.RandomWorkflow;
import io.tidemill.conformance.fault.RandomWorkflow.Tasks;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.TestQueue;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Workflows of random shapes end with what a plain evaluation says, whatever workers are killed meanwhile. Time is
 * moved by hand and there are no threads, so that a seed always does the same.
 */
class RandomWorkflowsTest {

    private static final int SEEDS = Integer.getInteger("tidemill.workflow.seeds", 150);
    private static final int MOST_FAULTS = 6;

    private static final List<TaskRef<?>> TASKS = List.of(
            task(Tasks::constant),
            task(Tasks::twice),
            task(Tasks::join),
            task(Tasks::joinThree),
            task(Tasks::all),
            task(Tasks::list),
            task(Tasks::isOdd),
            task(Tasks::nothing));

    @Test
    void end_with_what_a_plain_evaluation_gives() {
        for (long seed = 0; seed < SEEDS; seed++) {
            run(seed, 0);
        }
    }

    @Test
    void end_alike_when_tasks_fail_and_workers_die() {
        for (long seed = 0; seed < SEEDS; seed++) {
            run(seed, 1 + new Random(seed).nextInt(MOST_FAULTS));
        }
    }

    @Test
    void end_alike_when_steps_die_and_are_let_go_on() throws InterruptedException {
        int failed = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(~seed);
            RandomWorkflow shape = RandomWorkflow.of(seed);
            try (TestQueue queue = TestQueue.of(new Tasks())) {
                for (int i = 0; i < 3; i++) {
                    queue.failNext(TASKS.get(random.nextInt(TASKS.size())), new TaskSignal.GiveUp("planted"));
                }
                WorkflowHandle<List<Integer>> handle = queue.start(shape.workflow());
                for (int i = 0; i < 4; i++) {
                    queue.runUntilIdle();
                    queue.advance(Duration.ofMinutes(10));
                    if (handle.state().equals(Optional.of(WorkflowState.FAILED))) {
                        failed++;
                        handle.retry();
                    }
                }
                assertThat(handle.await(Duration.ZERO))
                        .as("seed %d: %s", seed, shape.workflow().describe())
                        .isEqualTo(shape.expected());
            }
        }
        assertThat(failed).isGreaterThan(SEEDS / 2);
    }

    private static void run(long seed, int faults) {
        Random random = new Random(seed ^ faults);
        RandomWorkflow shape = RandomWorkflow.of(seed);
        try (TestQueue queue = TestQueue.of(new Tasks())) {
            for (int i = 0; i < faults; i++) {
                TaskRef<?> task = TASKS.get(random.nextInt(TASKS.size()));
                if (random.nextBoolean()) {
                    queue.crashNext(task);
                } else {
                    queue.failNext(task, new IllegalStateException("planted"));
                }
            }
            WorkflowHandle<List<Integer>> handle = queue.start(shape.workflow());
            queue.runUntilIdle();
            queue.advance(Duration.ofMinutes(10));
            assertThat(handle.state())
                    .as("seed %d: %s", seed, shape.workflow().describe())
                    .contains(WorkflowState.SUCCEEDED);
            assertThat(handle.await(Duration.ZERO))
                    .as("seed %d: %s", seed, shape.workflow().describe())
                    .isEqualTo(shape.expected());
        } catch (InterruptedException e) {
            fail("interrupted", e);
        }
    }
}
