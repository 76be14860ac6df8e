package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.AwaitTimeoutException;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.TaskClient;
import io.tidemill.conformance.DelegatingBroker;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.Limit;
import io.tidemill.queue.QueueLimits;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Recorder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tasks that await other jobs, which may be able to start only when they have ended themselves. */
class AwaitInRunTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Recorder events = new Recorder();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CompletableFuture<Exception> thrown = new CompletableFuture<>();
    private volatile Duration patience = PATIENCE;

    /** Tasks that await. */
    public final class Tasks {

        private final TaskClient queue;

        Tasks(TaskClient queue) {
            this.queue = queue;
        }

        @Task
        public String self() throws InterruptedException {
            return String.valueOf(
                    queue.job("default", TaskContext.current().jobId()).await(PATIENCE));
        }

        @Task
        public String parent(String queueOfChild, String groupOfChild) throws InterruptedException {
            Call<String> child = call(Tasks::child).queue(queueOfChild);
            return "parent of "
                    + queue.enqueue(groupOfChild.isEmpty() ? child : child.group(groupOfChild))
                            .await(PATIENCE);
        }

        @Task
        public String impatient() throws InterruptedException {
            try {
                return queue.enqueue(Tasks::child).await(Duration.ofMillis(50));
            } catch (AwaitTimeoutException e) {
                return "timed out";
            }
        }

        @Task
        public void curious() {
            JobHandle<String> child = queue.enqueue(Tasks::child);
            begun.countDown();
            try {
                child.await(patience);
            } catch (InterruptedException | RuntimeException e) {
                thrown.complete(e);
            }
        }

        @Task
        public void family() throws InterruptedException {
            JobHandle<String> elsewhere = queue.enqueue(call(Tasks::child).queue("elsewhere"));
            JobHandle<String> here = queue.enqueue(Tasks::child);
            try {
                queue.awaitAll(List.of(elsewhere, here), PATIENCE);
            } catch (IllegalStateException e) {
                thrown.complete(e);
            }
        }

        @Task
        public String child() {
            return "child";
        }
    }

    private TaskQueueBuilder queue() {
        return TaskQueue.builder()
                .tasks(client -> new Tasks(client))
                .queues("default", "other")
                .retry(RetryPolicy.defaults().withMaxAttempts(1))
                .listener(events);
    }

    private String reasonOfDeath() throws InterruptedException {
        return events.await(QueueEvent.Died.class, 1).get(0).reason();
    }

    @Test
    void a_job_that_awaits_itself_is_told_so_at_once() throws Exception {
        try (TaskQueue queue = queue().start()) {
            queue.enqueue(Tasks::self);

            assertThat(reasonOfDeath()).contains("awaits itself");
        }
    }

    @Test
    void a_job_that_only_its_own_end_lets_start_is_not_awaited() throws Exception {
        try (TaskQueue queue = queue().limit("default", Limit.concurrency(1)).start()) {
            queue.enqueue(Tasks::parent, "default", "");

            assertThat(reasonOfDeath())
                    .contains("which cannot start before it ends: queue default runs one job at a time");
            assertThat(events.await(QueueEvent.Succeeded.class, 1).get(0).task())
                    .isEqualTo("child");
        }
    }

    @Test
    void a_job_of_its_own_group_that_runs_one_job_at_a_time_is_not_awaited() throws Exception {
        try (TaskQueue queue =
                queue().groupLimit("default", Limit.concurrency(1)).start()) {
            queue.enqueue(call(Tasks::parent, "default", "ada").group("ada"));

            assertThat(reasonOfDeath())
                    .contains("which cannot start before it ends: group ada of queue default runs one job at a time");
        }
    }

    @Test
    void jobs_that_another_queue_or_group_lets_start_are_awaited() throws Exception {
        try (TaskQueue queue = queue().limit("default", Limit.concurrency(1))
                .groupLimit("other", Limit.concurrency(1))
                .start()) {
            assertThat(queue.enqueue(Tasks::parent, "other", "").await(PATIENCE))
                    .isEqualTo("parent of child");
            assertThat(queue.enqueue(call(Tasks::parent, "other", "bob")
                                    .queue("other")
                                    .group("ada"))
                            .await(PATIENCE))
                    .isEqualTo("parent of child");
        }
    }

    @Test
    void that_all_slots_are_held_by_jobs_that_await_is_logged_once() throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try (TaskQueue queue = queue().concurrency(1).start()) {
            assertThat(queue.enqueue(Tasks::impatient).await(PATIENCE)).isEqualTo("timed out");
            assertThat(queue.enqueue(Tasks::impatient).await(PATIENCE)).isEqualTo("timed out");
        } finally {
            System.setErr(before);
        }

        assertThat(logged.toString(StandardCharsets.UTF_8).lines())
                .filteredOn(
                        line -> line.contains("WARN") && line.contains("the only slot of this process is held by runs"))
                .hasSize(1);
    }

    @Test
    void a_run_that_awaits_several_jobs_one_of_which_is_behind_its_own_limit_is_refused_at_once() throws Exception {
        try (TaskQueue queue = queue().limit("default", Limit.concurrency(1)).start()) {
            JobHandle<Void> job = queue.enqueue(Tasks::family);

            job.await(PATIENCE);

            assertThat(thrown.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("queue default");
        }
    }

    /** A broker that never says what the limits of a queue are, and never what became of a job. */
    private static final class Silent extends DelegatingBroker {

        Silent() {
            super(new MemoryBroker());
        }

        @Override
        public CompletableFuture<QueueLimits> limits(String queue) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Optional<JobSnapshot>> find(
                String queue, String id, boolean notify, @Nullable String receipt) {
            return new CompletableFuture<>();
        }
    }

    @Test
    void the_look_at_limits_is_a_part_of_the_time_that_a_run_waits() throws Exception {
        patience = Duration.ofMillis(50);
        try (TaskQueue queue = queue().broker(new Silent()).start()) {
            queue.enqueue(Tasks::curious);

            assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(AwaitTimeoutException.class);
        }
    }

    @Test
    void a_run_that_is_cancelled_while_limits_are_looked_at_sees_its_interrupt() throws Exception {
        try (TaskQueue queue = queue().broker(new Silent()).start()) {
            JobHandle<Void> job = queue.enqueue(Tasks::curious);
            begun.await();

            job.cancel();

            assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        }
    }
}
