package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.memory.MemoryResultBackend;
import io.tidemill.event.QueueEvent;
import io.tidemill.lifecycle.Threads;
import io.tidemill.message.Failure;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.observe.Observers;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.task.Batch;
import io.tidemill.task.JobState;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.MDC;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.spi.MDCAdapter;

class RunnerTest {

    /** One thread, so that a job finds what the one before it left behind. */
    private final WorkerHarness engine = new WorkerHarness(Executors.newSingleThreadExecutor());

    @AfterEach
    void close() {
        engine.close();
    }

    @ParameterizedTest
    @EnumSource(Nasty.class)
    void a_nasty_exception_fails_its_job_and_the_worker_goes_on(Nasty nasty) throws Exception {
        Worker worker = engine.started(1);
        engine.bodies.put("nasty", context -> {
            engine.bodies.remove("nasty");
            throw nasty.make();
        });
        engine.enqueue("nasty");
        engine.enqueue("next");

        QueueEvent.Retrying retrying =
                engine.events.await(QueueEvent.Retrying.class, 1).get(0);
        assertThat(retrying.error()).isNotNull().hasSizeLessThan(5000).doesNotContain("\n");
        // The next one, and the second try of the first.
        engine.events.await(QueueEvent.Succeeded.class, 2);
        WorkerHarness.awaitFree(worker);
        assertThat(engine.memory.lists().counts(WorkerHarness.QUEUE).join().succeeded())
                .isEqualTo(2);
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
    }

    @Test
    void code_that_overflows_the_stack_fails_its_job_and_the_worker_goes_on() throws Exception {
        engine.started(1);
        engine.bodies.put("deep", context -> {
            engine.bodies.remove("deep");
            deeper(0);
        });
        engine.enqueue("deep");
        assertThat(engine.events.await(QueueEvent.Retrying.class, 1).get(0).error())
                .startsWith("StackOverflowError");
        engine.events.await(QueueEvent.Succeeded.class, 1);
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int deeper(int n) {
        return deeper(n + 1) + 1;
    }

    @Test
    void an_interrupt_that_a_job_leaves_behind_does_not_reach_the_next() throws Exception {
        engine.started(1);
        CompletableFuture<Boolean> next = new CompletableFuture<>();
        engine.bodies.put("leaves", context -> Thread.currentThread().interrupt());
        engine.bodies.put(
                "next", context -> next.complete(Thread.currentThread().isInterrupted()));
        engine.enqueue("leaves");
        engine.enqueue("next");
        engine.events.await(QueueEvent.Succeeded.class, 2);
        assertThat(next.join()).isFalse();
    }

    @Test
    void the_log_context_tells_the_job_while_it_runs_and_is_what_it_was_after_it() throws Exception {
        MDCAdapter before = install(new BasicMDCAdapter());
        try {
            engine.executor.execute(() -> MDC.put("mine", "outer"));
            List<Map<String, String>> seen = new CopyOnWriteArrayList<>();
            engine.bodies.put("job", context -> {
                seen.add(MDC.getCopyOfContextMap());
                MDC.put("left", "behind");
            });
            engine.started(1);
            engine.enqueue("job");
            engine.events.await(QueueEvent.Succeeded.class, 1);
            CompletableFuture<Map<String, String>> after = new CompletableFuture<>();
            engine.executor.execute(() -> after.complete(MDC.getCopyOfContextMap()));

            assertThat(seen)
                    .containsExactly(Map.of(
                            "mine",
                            "outer",
                            "tidemill.job",
                            "job",
                            "tidemill.task",
                            "run",
                            "tidemill.queue",
                            WorkerHarness.QUEUE,
                            "tidemill.attempt",
                            "1"));
            assertThat(after.join()).containsExactlyEntriesOf(Map.of("mine", "outer"));
        } finally {
            install(before);
        }
    }

    /** What the log context says within a batch, and within each item of it. */
    public static final class LoggedBatch {
        final List<Map<String, String>> seen = new CopyOnWriteArrayList<>();

        /** Remembers it. */
        @Task(queue = WorkerHarness.QUEUE)
        public void run(Batch<String> batch) {
            seen.add(MDC.getCopyOfContextMap());
            batch.each(value -> seen.add(MDC.getCopyOfContextMap()));
            seen.add(MDC.getCopyOfContextMap());
        }
    }

    @Test
    void the_log_context_tells_the_task_of_a_batch_and_each_job_while_its_item_runs() throws Exception {
        MDCAdapter before = install(new BasicMDCAdapter());
        try {
            LoggedBatch tasks = new LoggedBatch();
            Worker worker = engine.worker(engine.options(1), tasks);
            worker.start();
            engine.settle();
            byte[] arguments = "[\"a\"]".getBytes(StandardCharsets.UTF_8);
            NewJob job = NewJob.now("job", JobCodec.encode(new Job("run", arguments, 0, null, null, Map.of())), 4);
            engine.memory.enqueue(WorkerHarness.QUEUE, List.of(job)).join();
            engine.events.await(QueueEvent.Succeeded.class, 1);

            Map<String, String> ofBatch = Map.of("tidemill.task", "run", "tidemill.batch", "1");
            Map<String, String> ofItem = Map.of(
                    "tidemill.job",
                    "job",
                    "tidemill.task",
                    "run",
                    "tidemill.batch",
                    "1",
                    "tidemill.queue",
                    WorkerHarness.QUEUE,
                    "tidemill.attempt",
                    "1");
            assertThat(tasks.seen).containsExactly(ofBatch, ofItem, ofBatch);
        } finally {
            install(before);
        }
    }

    /** slf4j-simple keeps no log context; the adapter is where a logging library puts its own. */
    private static MDCAdapter install(MDCAdapter adapter) throws ReflectiveOperationException {
        MDC.get("loads it");
        for (Field field : MDC.class.getDeclaredFields()) {
            if (field.getType() == MDCAdapter.class) {
                field.setAccessible(true);
                MDCAdapter before = (MDCAdapter) field.get(null);
                field.set(null, adapter);
                return before;
            }
        }
        throw new IllegalStateException("slf4j keeps its adapter elsewhere now");
    }

    @Test
    void a_run_that_waits_for_its_stage_leaves_its_thread_to_others_and_keeps_its_lease() throws Exception {
        CompletableFuture<String> stage = new CompletableFuture<>();
        engine.stages.put("waits", stage);
        engine.started(2);
        engine.enqueue("waits", "async");
        engine.enqueue("next");
        // There is one thread.
        engine.events.await(QueueEvent.Succeeded.class, 1);
        for (int i = 0; i < 12; i++) {
            engine.advance(WorkerHarness.RENEWAL);
        }
        stage.complete("value");
        assertThat(engine.events.await(QueueEvent.Succeeded.class, 2))
                .extracting(event -> event.job().id())
                .containsExactly("next", "waits");
        assertThat(engine.events.events(QueueEvent.LeaseLost.class)).isEmpty();
    }

    @Test
    void the_current_context_is_gone_after_the_run() throws Exception {
        engine.started(1);
        List<String> seen = new CopyOnWriteArrayList<>();
        engine.bodies.put("job", context -> seen.add(TaskContext.current().jobId()));
        engine.enqueue("job");
        engine.events.await(QueueEvent.Succeeded.class, 1);
        CompletableFuture<Void> after = new CompletableFuture<>();
        engine.executor.execute(() -> {
            try {
                assertThatIllegalStateException().isThrownBy(TaskContext::current);
                after.complete(null);
            } catch (Throwable t) {
                after.completeExceptionally(t);
            }
        });
        after.join();
        assertThat(seen).containsExactly("job");
    }

    @Test
    void a_record_that_cannot_be_read_is_dead_with_its_bytes_and_the_worker_goes_on() throws Exception {
        engine.started(1);
        byte[] noise = {0, 1, 2, (byte) 0xff};
        engine.memory
                .enqueue(WorkerHarness.QUEUE, List.of(new NewJob("noise", noise, 4, 0, NewJob.NOW)))
                .join();
        engine.enqueue("next");

        engine.events.await(QueueEvent.Succeeded.class, 1);
        engine.events.await(QueueEvent.Died.class, 1);
        assertThat(engine.find("noise").state()).isEqualTo(JobState.DEAD);
        assertThat(engine.find("noise").body()).isEqualTo(noise);
    }

    /** What a result backend may do wrong. */
    enum BadBackend {
        FAILS,
        THROWS
    }

    @ParameterizedTest
    @EnumSource(BadBackend.class)
    void a_result_that_cannot_be_stored_costs_no_slot_and_the_job_is_not_run_again(BadBackend bad) throws Exception {
        ResultBackend results = new ResultBackend() {
            @Override
            public void open() {}

            @Override
            public CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes) {
                if (bad == BadBackend.THROWS) {
                    throw new IllegalStateException("no room");
                }
                return CompletableFuture.failedFuture(new IllegalStateException("no room"));
            }

            @Override
            public CompletableFuture<Void> storeLate(String queue, List<JobOutcome> outcomes) {
                return store(queue, outcomes);
            }

            @Override
            public CompletableFuture<Optional<JobOutcome>> find(String queue, String id) {
                return CompletableFuture.completedFuture(Optional.empty());
            }

            @Override
            public void close() {}
        };
        Worker worker = worker(results);
        worker.start();
        engine.enqueue("one", "value");
        engine.enqueue("two", "value");

        engine.events.await(QueueEvent.Succeeded.class, 2);
        WorkerHarness.awaitFree(worker);
        assertThat(engine.events.events(QueueEvent.Started.class)).hasSize(2);
        worker.stop();
    }

    @Test
    void a_result_is_stored_before_its_job_is_recorded() throws Exception {
        List<String> order = new ArrayList<>();
        MemoryResultBackend store = new MemoryResultBackend(engine.clock);
        ResultBackend results = new ResultBackend() {
            @Override
            public void open() {}

            @Override
            public CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes) {
                order.add("store while " + engine.find(outcomes.get(0).id()).state());
                return store.store(queue, outcomes);
            }

            @Override
            public CompletableFuture<Void> storeLate(String queue, List<JobOutcome> outcomes) {
                return store(queue, outcomes);
            }

            @Override
            public CompletableFuture<Optional<JobOutcome>> find(String queue, String id) {
                return store.find(queue, id);
            }

            @Override
            public void close() {}
        };
        Worker worker = worker(results);
        worker.start();
        engine.enqueue("job", "value");
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(order).containsExactly("store while ACTIVE");
        assertThat(store.find(WorkerHarness.QUEUE, "job").join().orElseThrow().result())
                .asString()
                .isEqualTo("\"value\"");
        worker.stop();
    }

    private Worker worker(ResultBackend results) {
        return new Worker(
                engine.broker,
                WorkerHarness.bindings(engine.new Tasks()),
                engine.options(1),
                new Payloads(new JsonPayloadCodec(), null),
                results,
                new Observers(List.of(engine.events), List.of(), engine.clock),
                List.of(),
                engine.clock,
                engine.executor);
    }

    @Test
    void what_is_kept_of_a_failure_says_what_was_thrown() throws Exception {
        engine.started(1);
        engine.bodies.put("job", context -> {
            throw new IllegalArgumentException("wrong address");
        });
        engine.enqueue("job");
        engine.events.await(QueueEvent.Died.class, 1);
        Failure failure = JobCodec.decodeFailure(engine.find("job").failure());
        assertThat(failure.type()).isEqualTo("java.lang.IllegalArgumentException");
        assertThat(failure.message()).isEqualTo("wrong address");
        assertThat(failure.stack()).contains("RunnerTest");
        assertThat(engine.events.events(QueueEvent.Started.class))
                .hasSize(RetryPolicy.defaults().maxAttempts());
    }

    @Test
    void user_code_runs_on_threads_of_the_executor_and_not_on_the_engines() throws Exception {
        try (WorkerHarness pool = new WorkerHarness(Threads.perTask("user-"))) {
            List<String> names = new CopyOnWriteArrayList<>();
            pool.bodies.put("job", context -> names.add(Thread.currentThread().getName()));
            pool.started(1);
            pool.enqueue("job");
            pool.events.await(QueueEvent.Succeeded.class, 1);
            assertThat(names).singleElement().asString().startsWith("user-");
        }
    }
}
