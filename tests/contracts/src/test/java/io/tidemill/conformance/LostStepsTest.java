package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.conformance.WorkflowShapesContract.Shop;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.JobState;
import io.tidemill.test.TestQueue;
import io.tidemill.workflow.Step;
import io.tidemill.workflow.StepProgress;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A step that cannot be run again lets nothing wait for it. Time is moved by hand. */
class LostStepsTest {

    private final Shop shop = new Shop();
    private final TestQueue queue = TestQueue.of(shop);

    @AfterEach
    void close() {
        queue.close();
    }

    /** Steps 0 to 3 of which the last dies, one that is late, and one that waits for both. */
    private static Workflow<Integer> twoBranches() {
        return workflow("branches", w -> {
            Step<String> dies = w.include("checkout", WorkflowShapesContract.checkout(39));
            Step<Integer> late =
                    w.step(call(Shop::next, 1).delay(Duration.ofHours(1))).named("late");
            return w.step(call(Shop::next, 2)).named("waits").after(dies, late);
        });
    }

    private static JobState state(WorkflowHandle<?> handle, String step) {
        return handle.progress().stream()
                .filter(each -> each.name().equals(step))
                .map(StepProgress::state)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void what_waits_for_a_dead_step_is_cancelled_when_that_is_deleted() {
        shop.isBroken.set(true);
        WorkflowHandle<Integer> handle = queue.start(twoBranches());
        queue.runUntilIdle();
        assertThat(state(handle, "waits")).isEqualTo(JobState.WAITING);

        queue.admin().delete("stock", handle.id() + ":3");
        queue.advance(Duration.ofMinutes(1));

        assertThat(state(handle, "waits")).isEqualTo(JobState.CANCELLED);
        assertThat(handle.state()).contains(WorkflowState.FAILED);
        assertThatThrownBy(() -> handle.await(Duration.ZERO))
                .hasMessageContaining("is removed; it cannot be run again");
        assertThatThrownBy(handle::retry)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is removed, and cannot be run again");
    }

    @Test
    void a_cancelled_step_is_not_forgotten_for_a_dead_one() {
        shop.isBroken.set(true);
        WorkflowHandle<Integer> handle = queue.start(twoBranches());
        queue.runUntilIdle();
        queue.admin().cancel("orders", handle.id() + ":4");
        queue.advance(Duration.ofMinutes(1));

        assertThat(state(handle, "checkout/charge")).isEqualTo(JobState.DEAD);
        assertThat(state(handle, "waits")).isEqualTo(JobState.CANCELLED);
        assertThatThrownBy(handle::retry).hasMessageContaining("is cancelled, and cannot be run again");
    }

    @Test
    void a_workflow_is_kept_as_long_as_its_dead_step_and_what_waits_is_cancelled_then() {
        shop.isBroken.set(true);
        WorkflowHandle<Integer> handle = queue.start(twoBranches());
        queue.runUntilIdle();
        queue.advance(Duration.ofDays(40));
        // By now the dead step is trimmed, and what follows from that is done by the next sweep.
        queue.advance(Duration.ofMinutes(1));
        assertThat(handle.state()).contains(WorkflowState.FAILED);
        assertThat(state(handle, "waits")).isEqualTo(JobState.CANCELLED);
        queue.advance(Duration.ofDays(40));
        assertThat(handle.state()).isEmpty();
    }
}
