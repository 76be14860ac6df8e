package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryResultBackend;
import io.tidemill.client.Call;
import io.tidemill.client.JobCancelledException;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.UnknownJobException;
import io.tidemill.queue.Limit;
import io.tidemill.task.BrokerException;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.JobState;
import io.tidemill.task.Retention;
import io.tidemill.task.Retry;
import io.tidemill.task.Task;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.Unique;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Queues on a broker that has nothing but the core. */
class BareBrokerTest {

    /** Tasks that ask for no ability. */
    public static final class Plain {
        private final List<String> done = new CopyOnWriteArrayList<>();

        @Task
        public void note(String text) {
            done.add(text);
        }
    }

    /** Tasks that ask for abilities. */
    public static final class Demanding {
        @Task(group = "{0}")
        public String answer(String question) {
            return question;
        }
    }

    @Test
    void jobs_run_now_and_later_by_the_core_alone() {
        Plain tasks = new Plain();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .tasks(tasks)
                .start()) {
            queue.enqueue(call(Plain::note, "later").delay(Duration.ofMillis(20)));
            queue.enqueue(Plain::note, "now");

            Waits.until("both ran", () -> tasks.done.size() == 2);
        }
    }

    @Test
    void what_a_description_asks_for_and_the_broker_cannot_do_is_refused_at_the_start_by_name() {
        assertThatThrownBy(() -> TaskQueue.builder()
                        .broker(new BareBroker(new MemoryBroker()))
                        .tasks(new Demanding())
                        .groupLimit("default", Limit.concurrency(1))
                        .keep(Retention.DEFAULT)
                        .keep("default", Retention.DEFAULT)
                        .deadRetention("default", Retention.DEFAULT)
                        .start())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("has a group, but BareBroker has no ability GROUPS")
                .hasMessageContaining("keep(...) keeps jobs that succeeded, but BareBroker has no ability KEEPING")
                .hasMessageContaining("keep(\"default\", ...) keeps jobs that succeeded, but BareBroker has no ability")
                .hasMessageContaining("deadRetention(...) trims dead jobs, but BareBroker has no ability SWEEPS")
                .hasMessageContaining("returns a value, but BareBroker has no ability RESULTS")
                .hasMessageContaining("queue default has a limit, but BareBroker has no ability LIMITS")
                .hasMessageContaining("queue default limits its groups, but BareBroker has no ability GROUPS");
    }

    @Test
    void what_a_request_asks_for_and_the_broker_cannot_do_is_refused_by_name_and_disturbs_no_other() {
        try (TaskQueue queue =
                TaskQueue.builder().broker(new BareBroker(new MemoryBroker())).start()) {
            assertThatThrownBy(() -> queue.enqueue(Call.named("note", "a").unique(Unique.untilDone("key"))))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("BareBroker cannot do this: it has no ability UNIQUE");
            assertThatThrownBy(() -> queue.admin().pause("default"))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("OPERATIONS");
            assertThatThrownBy(() -> queue.job("default", "id").cancel())
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("CANCEL");

            queue.enqueue("note", "b");
        }
    }

    /** Ends of every kind that a run may have. */
    public static final class Ends {
        @Task
        public int value() {
            return 42;
        }

        @Task
        public void nothing() {}

        @Task(retry = @Retry(maxAttempts = 1))
        public void failure() {
            throw new IllegalStateException("no good");
        }

        @Task
        public void cancelled() {
            throw new TaskSignal.Cancel("not needed");
        }
    }

    @Test
    void a_result_backend_that_keeps_outcomes_lets_callers_await_without_look_up() throws Exception {
        Duration patience = Duration.ofSeconds(30);
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .results(new MemoryResultBackend())
                .tasks(new Ends())
                .start()) {
            assertThat(queue.enqueue(Ends::value).await(patience)).isEqualTo(42);
            queue.enqueue(Ends::nothing).await(patience);
            assertThatThrownBy(() -> queue.enqueue(Ends::failure).await(patience))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("no good");
            assertThatThrownBy(() -> queue.enqueue(Ends::cancelled).await(patience))
                    .isInstanceOf(JobCancelledException.class);
        }
    }

    /** A backend that refuses some requests to store. */
    private record Refusing(ResultBackend kept, Predicate<List<JobOutcome>> isRefused) implements ResultBackend {

        @Override
        public void open() {
            kept.open();
        }

        @Override
        public CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes) {
            return isRefused.test(outcomes) ? refusal() : kept.store(queue, outcomes);
        }

        @Override
        public CompletableFuture<Void> storeLate(String queue, List<JobOutcome> outcomes) {
            return isRefused.test(outcomes) ? refusal() : kept.storeLate(queue, outcomes);
        }

        private static CompletableFuture<Void> refusal() {
            return CompletableFuture.failedFuture(
                    new BrokerException(BrokerException.Outcome.REFUSED, "the backend is full", null));
        }

        @Override
        public CompletableFuture<Optional<JobOutcome>> find(String queue, String id) {
            return kept.find(queue, id);
        }

        @Override
        public void close() {
            kept.close();
        }
    }

    @Test
    void whoever_awaits_a_job_whose_result_could_not_be_stored_gets_an_error_and_does_not_wait_for_ever() {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .results(new Refusing(
                        new MemoryResultBackend(),
                        outcomes -> outcomes.stream().anyMatch(outcome -> outcome.result() != null)))
                .tasks(new Ends())
                .start()) {
            JobHandle<Integer> job = queue.enqueue(Ends::value);

            assertThatThrownBy(() -> job.await(Duration.ofSeconds(30)))
                    .isInstanceOf(UnknownJobException.class)
                    .hasMessageContaining("succeeded, but its result could not be stored");
            assertThat(job.state()).contains(JobState.SUCCEEDED);
            assertThat(job.result()).isEmpty();
            assertThatThrownBy(() -> queue.job("default", job.id()).await(Duration.ofSeconds(30)))
                    .as("also who knows only its id")
                    .isInstanceOf(UnknownJobException.class);
        }
    }

    /** A backend that stores results, and whose answers to that are lost. */
    private static final class Timing implements ResultBackend {

        private final MemoryResultBackend kept = new MemoryResultBackend();

        @Override
        public void open() {}

        @Override
        public CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes) {
            return kept.store(queue, outcomes)
                    .thenCompose(done -> CompletableFuture.failedFuture(
                            new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null)));
        }

        @Override
        public CompletableFuture<Void> storeLate(String queue, List<JobOutcome> outcomes) {
            return kept.storeLate(queue, outcomes);
        }

        @Override
        public CompletableFuture<Optional<JobOutcome>> find(String queue, String id) {
            return kept.find(queue, id);
        }

        @Override
        public void close() {}
    }

    @Test
    void a_result_that_was_stored_although_the_answer_was_lost_is_not_replaced_by_that_it_is_lost() {
        Timing backend = new Timing();
        JobHandle<Integer> job;
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .results(backend)
                .tasks(new Ends())
                .start()) {
            job = queue.enqueue(Ends::value);
            Waits.until("it has ended", () -> job.state().isPresent());
        }

        assertThat(backend.find("default", job.id()).join().orElseThrow().result())
                .as("after everything that was on its way when the queue was closed")
                .asString()
                .isEqualTo("42");
    }

    @Test
    void an_outcome_that_the_backend_refuses_for_a_while_is_stored_in_the_end() throws Exception {
        Duration patience = Duration.ofSeconds(30);
        AtomicInteger refusals = new AtomicInteger(2);
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .results(new Refusing(new MemoryResultBackend(), outcomes -> refusals.getAndDecrement() > 0))
                .tasks(new Ends())
                .start()) {
            assertThatThrownBy(() -> queue.enqueue(Ends::failure).await(patience))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("no good");
        }
    }

    @Test
    void who_awaits_where_nobody_keeps_outcomes_is_refused_at_once() {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .tasks(new Plain())
                .start()) {
            assertThatThrownBy(() -> queue.enqueue(Plain::note, "text").await(Duration.ofSeconds(30)))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("BareBroker has no ability LOOK_UP")
                    .hasMessageContaining("add results(...)");
        }
    }
}
