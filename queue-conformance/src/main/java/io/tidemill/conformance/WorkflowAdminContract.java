package io.tidemill.conformance;

import static io.tidemill.workflow.Workflow.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemill.TaskQueue;
import io.tidemill.admin.WorkflowInfo;
import io.tidemill.queue.WorkflowState;
import io.tidemill.task.JobState;
import io.tidemill.test.Waits;
import io.tidemill.workflow.WorkflowFailedException;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link WorkflowContract}. What an operator sees of workflows, and can do with them. */
public abstract class WorkflowAdminContract extends WorkflowEndsContract {

    @Nested
    class An_operator {

        @Test
        void finds_a_workflow_that_has_failed_without_knowing_its_id() {
            TaskQueue queue = queueWith(shop);
            shop.isBroken.set(true);
            WorkflowHandle<String> handle = queue.start(checkout(39));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);

            List<WorkflowInfo> found = queue.admin().workflows(handle.home(), 0, 10);

            assertThat(found).hasSize(1);
            WorkflowInfo info = found.get(0);
            assertThat(info.id()).isEqualTo(handle.id());
            assertThat(info.queue()).isEqualTo(handle.home());
            assertThat(info.name()).contains("checkout");
            assertThat(info.state()).contains(WorkflowState.FAILED);
            assertThat(info.failedStep()).contains("charge");
            assertThat(queue.admin()
                            .find(
                                    info.failedQueue().orElseThrow(),
                                    info.failedJob().orElseThrow()))
                    .hasValueSatisfying(job -> assertThat(job.state()).isEqualTo(JobState.DEAD));
            assertThat(info.writtenAt()).isPresent();
            assertThat(info.keptFor()).isPresent();
            assertThat(queue.admin().workflows(handle.home(), 1, 10)).isEmpty();
        }

        @Test
        void sees_workflows_that_run_and_those_that_have_succeeded() throws Exception {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<String> ended = queue.start(checkout(39));
            ended.await(SOON);
            WorkflowHandle<Boolean> waits =
                    queue.start(workflow("asks", w -> w.given(w.signal("answer", String.class, Duration.ofDays(1)))));

            assertThat(queue.admin().workflows(ended.home(), 0, 10))
                    .extracting(WorkflowInfo::id, WorkflowInfo::state, WorkflowInfo::failedJob)
                    .containsExactly(tuple(ended.id(), Optional.of(WorkflowState.SUCCEEDED), Optional.empty()));
            WorkflowInfo running = queue.admin().workflows(waits.home(), 0, 1).get(0);
            assertThat(running.id()).isEqualTo(waits.id());
            assertThat(running.state()).contains(WorkflowState.RUNNING);
            assertThat(running.keptFor()).isEmpty();
        }

        @Test
        void deletes_one_that_has_failed_with_the_steps_that_wait_in_it() {
            TaskQueue queue = queueWith(shop);
            shop.isBroken.set(true);
            WorkflowHandle<List<String>> handle = queue.start(workflow(
                    "joins",
                    w -> w.all(w.include("dies", checkout(39)).then(Shop::note), w.include("too", checkout(39)))));
            assertThatThrownBy(() -> handle.await(SOON)).isInstanceOf(WorkflowFailedException.class);
            assertThat(waiting(queue)).isPositive();

            assertThat(queue.admin().deleteWorkflow(handle.home(), handle.id())).isTrue();

            Waits.until("its record is gone", () -> handle.state().isEmpty());
            Waits.until("nothing waits", () -> waiting(queue) == 0);
            assertThat(queue.admin().deleteWorkflow(handle.home(), handle.id())).isFalse();
            assertThat(queue.admin().workflows(handle.home(), 0, 10)).isEmpty();
        }

        @Test
        void deletes_none_that_runs_or_was_cancelled() {
            TaskQueue queue = queueWith(shop);
            WorkflowHandle<Boolean> handle =
                    queue.start(workflow("asks", w -> w.given(w.signal("answer", String.class, Duration.ofDays(1)))));

            assertThatThrownBy(() -> queue.admin().deleteWorkflow(handle.home(), handle.id()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("it is RUNNING; cancel it first");

            handle.cancel();
            // Its id is not free yet: a workflow with it would take itself for the one that was cancelled.
            assertThatThrownBy(() -> queue.admin().deleteWorkflow(handle.home(), handle.id()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("it is CANCELLED, and is forgotten at its time");
            assertThat(handle.state()).contains(WorkflowState.CANCELLED);
        }

        private long waiting(TaskQueue queue) {
            return queue.admin().queues().stream()
                    .mapToLong(name -> queue.admin().counts(name).waiting())
                    .sum();
        }
    }
}
