package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.ClaimRequest;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.event.QueueEvent;
import io.tidemill.flow.Post;
import io.tidemill.flow.StepFailures;
import io.tidemill.flow.StepJobs;
import io.tidemill.lifecycle.Threads;
import io.tidemill.message.Failure;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.observe.Observers;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.task.TaskSignal;
import io.tidemill.test.Waits;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import io.tidemill.worker.WorkerHarness.Gate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An error of the machine, thrown wherever parts of a worker meet: afterwards no slot, job or lease is stuck. */
class ErrorsAtSeamsTest {

    private static final int JOBS = 5;
    private static final Duration STEP = Duration.ofMillis(200);

    /** Which call of the executor fails. A quiet run makes about two for each job. */
    static List<Integer> executions() {
        List<Integer> all = new ArrayList<>();
        for (int i = 1; i <= 2 * JOBS + 2; i++) {
            all.add(i);
        }
        return all;
    }

    /** Makes threads until it is told what to do instead. */
    private static final class MoodyExecutor extends AbstractExecutorService {

        private final ExecutorService threads = Threads.perTask("moody-");
        private final AtomicInteger executions = new AtomicInteger();
        private volatile int failing;
        private volatile int swallowing;

        @Override
        public void execute(Runnable task) {
            int number = executions.incrementAndGet();
            if (number == failing) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            if (number != swallowing) {
                threads.execute(task);
            }
        }

        @Override
        public void shutdown() {
            threads.shutdown();
        }

        @Override
        public List<Runnable> shutdownNow() {
            return threads.shutdownNow();
        }

        @Override
        public boolean isShutdown() {
            return threads.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return threads.isTerminated();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
            return threads.awaitTermination(timeout, unit);
        }
    }

    private final MoodyExecutor executor = new MoodyExecutor();
    private final WorkerHarness engine = new WorkerHarness(executor);

    @AfterEach
    void close() {
        engine.close();
    }

    /** Moves time until all these jobs have ended: not so fast that threads have no time to begin. */
    private void awaitGone(Worker worker, String... ids) {
        for (String id : ids) {
            Waits.until(id + " has ended", () -> {
                boolean isKnown = engine.isKnown(id);
                if (isKnown) {
                    engine.advance(STEP);
                    engine.memory.sweeps().promote(WorkerHarness.QUEUE, 100).join();
                    worker.look(WorkerHarness.QUEUE);
                }
                return !isKnown;
            });
        }
        WorkerHarness.awaitFree(worker);
    }

    @ParameterizedTest
    @MethodSource("executions")
    void a_thread_that_cannot_be_made_once_costs_neither_slot_nor_job(int failing) {
        executor.failing = failing;
        Worker worker = engine.started(2);

        for (int i = 0; i < JOBS; i++) {
            engine.enqueue("job" + i);
        }

        awaitGone(worker, "job0", "job1", "job2", "job3", "job4");
    }

    @ParameterizedTest
    @EnumSource(Hop.class)
    void a_broker_that_throws_an_error_costs_neither_slot_nor_job(Hop hop) {
        Worker worker = engine.started(3);
        AtomicBoolean hasFailed = new AtomicBoolean();
        engine.bodies.put("fails", context -> {
            if (hasFailed.compareAndSet(false, true)) {
                throw new IllegalStateException("once");
            }
        });
        AtomicBoolean hasSnoozed = new AtomicBoolean();
        engine.bodies.put("snoozes", context -> {
            if (hasSnoozed.compareAndSet(false, true)) {
                throw new TaskSignal.Snooze(Duration.ofSeconds(1));
            }
        });
        Gate gate = engine.gate("long");
        engine.enqueue("long");
        gate.awaitBegun();
        engine.broker.set(hop, Mode.ERROR);
        engine.enqueue("fails");
        engine.enqueue("snoozes");
        engine.enqueue("succeeds");
        engine.advance(WorkerHarness.RENEWAL);
        engine.broker.await(hop, 1);
        engine.broker.setAll(Mode.PASS);
        gate.open();

        awaitGone(worker, "fails", "snoozes", "succeeds", "long");
    }

    @Test
    void a_run_that_an_error_kept_from_being_recorded_is_finished_by_the_lease_keeper() throws Exception {
        AtomicBoolean isFull = new AtomicBoolean();
        Clock full = new Clock() {
            @Override
            public long millis() {
                return engine.clock.millis();
            }

            @Override
            public long nanos() {
                if (Thread.currentThread().getName().startsWith("moody-") && isFull.compareAndSet(true, false)) {
                    throw new OutOfMemoryError("Java heap space");
                }
                return engine.clock.nanos();
            }

            @Override
            public Alarm alarm() {
                return engine.clock.alarm();
            }
        };
        Worker worker = worker(full, null, 1);
        AtomicInteger runs = new AtomicInteger();
        engine.bodies.put("job", context -> isFull.set(runs.incrementAndGet() == 1));
        engine.enqueue("job");
        Waits.until("it runs", () -> runs.get() == 1);
        // The keeper finishes only what has left its thread.
        engine.awaitThreads();
        assertThat(isFull).as("the error was thrown").isFalse();

        engine.advance(WorkerHarness.RENEWAL);

        engine.events.await(QueueEvent.Retrying.class, 1);
        awaitGone(worker, "job");
        assertThat(runs).hasValue(2);
    }

    @Test
    void a_stage_whose_end_found_no_thread_kept_the_place_of_its_task() throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        engine.stages.put("first", first);
        engine.stages.put("second", CompletableFuture.completedFuture("value"));
        engine.concurrency.put("async", 1);
        executor.failing = 2;
        engine.started(2);
        engine.enqueue("first", "async");
        Waits.until("the first job waits for its stage", () -> first.getNumberOfDependents() > 0);

        first.complete("value");
        engine.enqueue("second", "async");

        assertThat(engine.events.await(QueueEvent.Succeeded.class, 1))
                .extracting(event -> event.job().id())
                .containsExactly("second");
        engine.advance(WorkerHarness.RENEWAL);
        engine.events.await(QueueEvent.Retrying.class, 1);
    }

    @Test
    void a_job_whose_thread_never_begins_with_it_goes_back_after_one_lease_time() throws Exception {
        executor.swallowing = 1;
        Worker worker = engine.started(1);
        engine.enqueue("job");
        Waits.until("it was claimed", () -> worker.inUse() == 1);

        engine.advance(WorkerHarness.RENEWAL);
        engine.advance(WorkerHarness.RENEWAL);
        engine.advance(WorkerHarness.RENEWAL);
        assertThat(engine.events.events(QueueEvent.Released.class)).isEmpty();
        engine.advance(WorkerHarness.RENEWAL);

        engine.events.await(QueueEvent.Released.class, 1);
        awaitGone(worker, "job");
    }

    @Test
    void a_lease_whose_runs_are_dropped_is_not_renewed() {
        LeaseKeeper keeper = new LeaseKeeper(
                engine.broker,
                new Observers(List.of(), List.of(), engine.clock),
                engine.clock,
                WorkerHarness.LEASE,
                "keeper");
        Fetcher fetcher = new Fetcher(engine.clock, "fetcher");
        QueueConsumer.Shared shared = new QueueConsumer.Shared(
                engine.broker,
                engine.clock,
                new Slots<>(2),
                keeper,
                new Observers(List.of(), List.of(), engine.clock),
                new Post(
                        engine.broker,
                        new StepFailures(
                                engine.broker, new StepJobs(new Payloads(new JsonPayloadCodec(), null)), engine.clock),
                        new Observers(List.of(), List.of(), engine.clock),
                        engine.executor),
                engine.executor,
                engine.options(2),
                "worker",
                () -> {});
        QueueConsumer consumer = new QueueConsumer(WorkerHarness.QUEUE, "name", shared, fetcher, run -> {});
        kept(keeper, consumer, "dropped").drop();
        Run running = kept(keeper, consumer, "running");
        keeper.start();
        try {
            assertThat(engine.broker.await(Hop.EXTEND, 1).tokens).containsExactly("running");
            running.drop();
            engine.clock.awaitWaiters(1);
            engine.clock.advance(WorkerHarness.RENEWAL);
            engine.clock.awaitWaiters(1);
            assertThat(engine.broker.count(Hop.EXTEND)).isEqualTo(1);
        } finally {
            keeper.stop();
        }
    }

    private static Run kept(LeaseKeeper keeper, QueueConsumer consumer, String token) {
        Claim claim = new Claim("job", token, new byte[0], 4, 0, 0, 0);
        Run run = keeper.keep(consumer, token, 0, List.of(claim)).get(0);
        run.begin(0);
        return run;
    }

    @Test
    void a_result_backend_that_never_answers_costs_its_result_and_nothing_else() throws Exception {
        ResultBackend silent = new ResultBackend() {
            @Override
            public void open() {}

            @Override
            public CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes) {
                return new CompletableFuture<>();
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
        Worker worker = worker(engine.clock, silent, 1);
        engine.enqueue("job", "value");
        engine.events.await(QueueEvent.Started.class, 1);
        engine.awaitThreads();

        engine.advance(WorkerHarness.RENEWAL);
        engine.advance(WorkerHarness.RENEWAL);
        engine.advance(WorkerHarness.RENEWAL);
        assertThat(worker.inUse()).isEqualTo(1);
        engine.advance(WorkerHarness.RENEWAL);

        engine.events.await(QueueEvent.Succeeded.class, 1);
        WorkerHarness.awaitFree(worker);
        assertThat(engine.broker.count(Hop.EXTEND))
                .as("kept while it was waited for")
                .isPositive();
    }

    @Test
    void a_job_whose_lease_has_ended_twice_holds_up_the_others_for_four_lease_times_at_most() throws Exception {
        Gate patient = engine.gate("long");
        engine.enqueue("long");
        for (int i = 0; i < 2; i++) {
            engine.memory
                    .claim(WorkerHarness.QUEUE, new ClaimRequest("crashed", "token" + i, 1, 1))
                    .join();
            engine.clock.advance(Duration.ofSeconds(1));
            engine.memory
                    .sweeps()
                    .recover(WorkerHarness.QUEUE, 10, 5, JobCodec.encode(Failure.of("LeaseEnded", "it ended")))
                    .join();
        }
        Worker worker = engine.started(2);
        patient.awaitBegun();
        engine.enqueue("other");

        for (int i = 0; i < 11; i++) {
            engine.advance(WorkerHarness.RENEWAL);
        }
        assertThat(engine.isKnown("other")).isTrue();
        for (int i = 0; i < 2; i++) {
            engine.advance(WorkerHarness.RENEWAL);
        }

        Waits.until("the other ran", () -> !engine.isKnown("other"));
        patient.open();
        awaitGone(worker, "long");
    }

    private Worker worker(Clock clock, ResultBackend results, int concurrency) {
        Worker worker = new Worker(
                engine.broker,
                WorkerHarness.bindings(engine.new Tasks()),
                engine.options(concurrency),
                new Payloads(new JsonPayloadCodec(), null),
                results,
                new Observers(List.of(engine.events), List.of(), engine.clock),
                List.of(),
                clock,
                engine.executor);
        engine.stopAtTheEnd(worker);
        worker.start();
        engine.settle();
        return worker;
    }
}
