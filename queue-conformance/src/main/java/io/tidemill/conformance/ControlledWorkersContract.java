package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.admin.CommandException;
import io.tidemill.admin.RemoteWorker;
import io.tidemill.admin.WorkerInfo;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.event.WorkerEvent;
import io.tidemill.queue.QueueCounts;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Part of the {@link TaskQueueContract}. What operators ask of workers, from another process. */
public abstract class ControlledWorkersContract extends ReportedProgressContract {

    /** Tasks that run until they may end. */
    public static class Held {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);

        @Task(queue = "held")
        public String waits(String secret) throws InterruptedException {
            begun.countDown();
            gate.await();
            return "done";
        }

        @Task(queue = "held", retry = @Retry(maxAttempts = 1))
        public void forever() throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @Task(queue = "held")
        public int attempt() {
            return TaskContext.current().attempt();
        }
    }

    @Nested
    class A_controlled_worker {

        private final Held tasks = new Held();

        @AfterEach
        void letThemEnd() {
            tasks.gate.countDown();
        }

        /** A producer, which knows the worker by the list only. */
        private TaskQueue operator() {
            return start(TaskQueue.builder().broker(broker()));
        }

        private TaskQueue worker(int concurrency) {
            return start(builder(tasks).worker(options().withConcurrency(concurrency)));
        }

        private WorkerOptions options() {
            return WorkerOptions.defaults()
                    .withDrainTimeout(Duration.ofMillis(200))
                    .withInterruptTimeout(Duration.ofSeconds(5));
        }

        private WorkerInfo info(TaskQueue operator) {
            Waits.until(
                    "the worker is listed",
                    () -> operator.admin().workers("held").size() == 1);
            return operator.admin().workers("held").get(0);
        }

        private RemoteWorker remote(TaskQueue operator) {
            return operator.admin().worker("held", info(operator).id());
        }

        @Test
        void answers_a_ping() {
            worker(1);

            assertThat(remote(operator()).ping()).isPositive();
        }

        @Test
        void claims_nothing_while_it_is_quiet_and_what_it_holds_ends() throws InterruptedException {
            worker(2);
            TaskQueue operator = operator();
            RemoteWorker remote = remote(operator);
            JobHandle<String> held = operator.enqueue(Held::waits, "secret");
            tasks.begun.await();

            remote.quiet();

            JobHandle<Integer> waits = operator.enqueue(Held::attempt);
            tasks.gate.countDown();
            assertThat(held.await(SOON)).isEqualTo("done");
            // It had free slots when this was stored, and again now.
            QueueCounts counts = operator.admin().counts("held");
            assertThat(counts.ready()).isEqualTo(1);
            Waits.until("it is listed as quiet", () -> info(operator).isQuiet());

            remote.resume();

            assertThat(waits.await(SOON)).isEqualTo(1);
            events.await(WorkerEvent.Quieted.class, 1);
            events.await(WorkerEvent.Resumed.class, 1);
        }

        @Test
        void runs_as_many_jobs_at_once_as_it_is_asked_to() throws InterruptedException {
            worker(1);
            TaskQueue operator = operator();
            RemoteWorker remote = remote(operator);
            JobHandle<String> held = operator.enqueue(Held::waits, "secret");
            tasks.begun.await();
            JobHandle<Integer> behind = operator.enqueue(Held::attempt);

            remote.resize(2);

            assertThat(behind.await(SOON)).isEqualTo(1);
            Waits.until("the list says so", () -> info(operator).concurrency() == 2);
            tasks.gate.countDown();
            assertThat(held.await(SOON)).isEqualTo("done");
            assertThat(events.await(WorkerEvent.Resized.class, 1).get(0).before())
                    .isEqualTo(1);
        }

        @Test
        void shows_the_stack_of_a_job_without_values() throws InterruptedException {
            worker(1);
            TaskQueue operator = operator();
            RemoteWorker remote = remote(operator);
            JobHandle<String> held = operator.enqueue(Held::waits, "secret");
            tasks.begun.await();

            String stack = remote.stack(held.id());

            assertThat(stack)
                    .contains("job " + held.id(), "attempt 1", "Held.waits(")
                    .doesNotContain("secret");
            assertThatThrownBy(() -> remote.stack("another"))
                    .isInstanceOfSatisfying(
                            CommandException.class,
                            e -> assertThat(e.reason()).isEqualTo(CommandException.Reason.REFUSED))
                    .hasMessageContaining("does not hold job another");
        }

        @Test
        void gives_a_task_another_timeout() throws InterruptedException {
            worker(1);
            TaskQueue operator = operator();
            RemoteWorker remote = remote(operator);

            remote.timeout("forever", Duration.ofMillis(50));

            JobHandle<Void> job = operator.enqueue(Held::forever);
            assertThatThrownBy(() -> job.await(SOON))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("longer than its timeout");
            assertThatThrownBy(() -> remote.timeout("unheard", Duration.ofSeconds(1)))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("does not know task unheard");
        }

        @Test
        void stops_and_gives_back_what_does_not_end_in_the_grace_time() throws InterruptedException {
            TaskQueue stopped = worker(1);
            TaskQueue operator = operator();
            RemoteWorker remote = remote(operator);
            JobHandle<String> held = operator.enqueue(Held::waits, "secret");
            tasks.begun.await();

            remote.stop(Duration.ofMillis(50));

            events.await(WorkerEvent.Stopped.class, 1);
            Waits.until(
                    "it is off the list", () -> operator.admin().workers("held").isEmpty());
            assertThat(stopped.health().live()).isTrue();
            assertThatThrownBy(remote::ping)
                    .isInstanceOfSatisfying(
                            CommandException.class,
                            e -> assertThat(e.reason()).isEqualTo(CommandException.Reason.UNKNOWN_WORKER));
            tasks.gate.countDown();
            worker(1);
            assertThat(held.await(SOON)).isEqualTo("done");
        }

        @Test
        void a_close_gives_what_runs_its_time_although_an_operator_has_asked_for_a_stop() throws InterruptedException {
            TaskQueue stopped = start(builder(tasks).worker(options().withDrainTimeout(Duration.ofHours(1))));
            TaskQueue operator = operator();
            RemoteWorker remote = remote(operator);
            JobHandle<String> held = operator.enqueue(Held::waits, "secret");
            tasks.begun.await();
            remote.stop(Duration.ofHours(2));

            Thread closes = new Thread(stopped::close, "closes");
            closes.start();
            Waits.until("the close waits for the job", () -> closes.getState() == Thread.State.WAITING);
            tasks.gate.countDown();

            assertThat(held.await(SOON)).isEqualTo("done");
            closes.join();
        }
    }
}
