package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.CommandException;
import io.tidemill.admin.RemoteWorker;
import io.tidemill.admin.WorkerInfo;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/guide-control.md, whose text {@link DocumentsTest} compares. */
class ControlExamplesTest {

    /** A task that runs until it may end. */
    public static class RenderTasks {

        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);

        @Task(name = "render", queue = "images")
        public String render(String image) throws InterruptedException {
            begun.countDown();
            gate.await();
            return image + ".png";
        }
    }

    private final RenderTasks tasks = new RenderTasks();

    private TaskQueue queueWithAWorker() {
        TaskQueue queue = TaskQueue.builder().tasks(tasks).start();
        Waits.until(
                "the worker is listed", () -> !queue.admin().workers("images").isEmpty());
        return queue;
    }

    @Test
    void stacks() throws Exception {
        List<String> shown = new ArrayList<>();
        try (TaskQueue queue = queueWithAWorker()) {
            JobHandle<String> job = queue.enqueue(RenderTasks::render, "cat");
            tasks.begun.await();
            // region: control-stacks
            for (WorkerInfo each : queue.admin().workers("images")) {
                RemoteWorker worker = queue.admin().worker("images", each.id());
                for (String id : each.active()) {
                    shown.add(each.host() + ": " + worker.stack(id));
                }
            }
            // endregion
            assertThat(shown).hasSize(1);
            assertThat(shown.get(0)).contains(job.id(), "RenderTasks.render(");
            tasks.gate.countDown();
        }
    }

    @Test
    void changes() throws Exception {
        try (TaskQueue queue = queueWithAWorker()) {
            String id = queue.admin().workers("images").get(0).id();
            // region: control-change
            RemoteWorker worker = queue.admin().worker("images", id).within(Duration.ofMinutes(1));
            worker.resize(20);
            worker.timeout("render", Duration.ofMinutes(5));
            worker.quiet();
            worker.resume();
            // endregion
            Waits.until(
                    "the list says so",
                    () -> queue.admin().workers("images").get(0).concurrency() == 20);
            tasks.gate.countDown();
            assertThat(queue.enqueue(RenderTasks::render, "cat").await(Duration.ofSeconds(20)))
                    .isEqualTo("cat.png");
        }
    }

    @Test
    void refusals() {
        try (TaskQueue queue = queueWithAWorker()) {
            String id = queue.admin().workers("images").get(0).id();
            assertThatThrownBy(() -> {
                        // region: control-refused
                        try {
                            queue.admin().worker("images", id).stack("job-1");
                        } catch (CommandException e) {
                            switch (e.reason()) {
                                case REFUSED -> System.out.println(e.getMessage()); // the job has ended meanwhile
                                case UNKNOWN_WORKER -> System.out.println("the worker has stopped");
                                default -> throw e;
                            }
                        }
                        // endregion
                        queue.admin().worker("images", "another").ping();
                    })
                    .isInstanceOfSatisfying(
                            CommandException.class,
                            e -> assertThat(e.reason()).isEqualTo(CommandException.Reason.UNKNOWN_WORKER));
        }
    }
}
