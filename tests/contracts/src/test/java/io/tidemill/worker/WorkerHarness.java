package io.tidemill.worker;

import io.tidemill.broker.JobSnapshot;
import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.definition.TaskDefinitions;
import io.tidemill.lifecycle.Threads;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.observe.Observers;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Payloads;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import io.tidemill.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real worker on a clock that is moved by hand, over an in-memory broker behind a gate. */
final class WorkerHarness implements AutoCloseable {

    static final String QUEUE = "work";
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration RENEWAL = Duration.ofSeconds(10);

    /** The worker's own threads: fetcher, watchdog and lease keeper. */
    private static final int THREADS = 3;

    /** What a job does is decided by the test, by the job's id. */
    interface Body {
        void run(TaskContext context) throws Throwable;
    }

    /** One task; each job of it does what the test gave it to do, or nothing. */
    public final class Tasks {

        /** Does what was planned for this job. */
        @Task(queue = QUEUE, retry = @Retry(delay = "0s", jitter = false))
        public void run() throws Throwable {
            TaskContext context = TaskContext.current();
            Body body = bodies.get(context.jobId());
            if (body != null) {
                body.run(context);
            }
        }

        /** The same with a limit of a minute. */
        @Task(queue = QUEUE, timeout = "1m", retry = @Retry(delay = "0s", jitter = false))
        public void limited() throws Throwable {
            run();
        }

        /** Returns the stage that the test gave to this job. */
        @Task(queue = QUEUE)
        public CompletionStage<String> async() {
            return Objects.requireNonNull(stages.get(TaskContext.current().jobId()));
        }

        /** Returns a value. */
        @Task(queue = QUEUE)
        public String value() {
            return "value";
        }
    }

    final FakeClock clock = new FakeClock();
    final MemoryBroker memory = new MemoryBroker(clock);
    final GatedBroker broker = new GatedBroker(memory);
    final Recorder events = new Recorder();
    /** Runs the jobs, and knows how many threads are at it. */
    final Executor executor;

    private final ExecutorService threads;
    private final AtomicInteger running = new AtomicInteger();
    final Map<String, Body> bodies = new ConcurrentHashMap<>();
    final Map<String, CompletionStage<String>> stages = new ConcurrentHashMap<>();
    /** How many runs of a task may be at work at once; set before the worker is made. */
    final Map<String, Integer> concurrency = new ConcurrentHashMap<>();

    private final List<Worker> workers = new ArrayList<>();
    private final List<CompletableFuture<Void>> gates = new ArrayList<>();

    WorkerHarness() {
        this(Threads.perTask("test-task-"));
    }

    WorkerHarness(ExecutorService executor) {
        this.threads = executor;
        this.executor = task -> {
            running.incrementAndGet();
            executor.execute(() -> {
                try {
                    task.run();
                } finally {
                    running.decrementAndGet();
                }
            });
        };
    }

    WorkerOptions options(int concurrency) {
        return WorkerOptions.defaults()
                .withQueues(Set.of(QUEUE))
                .withConcurrency(concurrency)
                .withLease(LEASE)
                .withPollInterval(Duration.ofMinutes(1));
    }

    Worker worker(WorkerOptions options) {
        return worker(options, new Tasks());
    }

    Worker worker(WorkerOptions options, Object tasks, RunInterceptor... interceptors) {
        return worker(options, tasks, clock, interceptors);
    }

    Worker worker(WorkerOptions options, Object tasks, Clock itsClock, RunInterceptor... interceptors) {
        Map<String, TaskBinding> bindings = bindings(tasks);
        concurrency.forEach(
                (task, runs) -> bindings.computeIfPresent(task, (name, binding) -> binding.withConcurrency(runs)));
        Worker worker = new Worker(
                broker,
                bindings,
                options,
                new Payloads(new JsonPayloadCodec(), null),
                null,
                new Observers(List.of(events), List.of(), clock),
                List.of(interceptors),
                itsClock,
                executor);
        workers.add(worker);
        return worker;
    }

    void stopAtTheEnd(Worker worker) {
        workers.add(worker);
    }

    /** A worker that has started, looked at its queue once and waits. */
    Worker started(int concurrency) {
        Worker worker = worker(options(concurrency));
        worker.start();
        settle();
        return worker;
    }

    static Map<String, TaskBinding> bindings(Object tasks) {
        Map<String, TaskBinding> bindings = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (TaskDefinition definition : TaskDefinitions.readAll(tasks.getClass(), RetryPolicy.defaults(), problems)) {
            bindings.put(definition.name(), TaskBinding.ofMethod(definition, tasks));
        }
        if (!problems.isEmpty()) {
            throw new IllegalStateException(problems.toString());
        }
        return bindings;
    }

    /** Waits until the worker's own threads have nothing to do before time moves. */
    void settle() {
        clock.awaitWaiters(THREADS);
    }

    /** Moves time, and waits until the worker's own threads have done what that brings. */
    void advance(Duration duration) {
        settle();
        clock.advance(duration);
        settle();
    }

    void enqueue(String id) {
        enqueue(id, "run");
    }

    void enqueue(String id, String task) {
        memory.enqueue(QUEUE, List.of(job(id, task))).join();
    }

    static NewJob job(String id, String task) {
        byte[] arguments = "[]".getBytes(StandardCharsets.UTF_8);
        return NewJob.now(id, JobCodec.encode(new Job(task, arguments, 0, null, null, Map.of())), 4);
    }

    JobSnapshot find(String id) {
        return memory.lookUp().find(QUEUE, id, false).join().orElseThrow();
    }

    boolean isKnown(String id) {
        return memory.lookUp().find(QUEUE, id, false).join().isPresent();
    }

    /** A job that says when it has begun and goes on when it is told to. */
    Gate gate(String id) {
        Gate gate = new Gate();
        gates.add(gate.open);
        bodies.put(id, context -> {
            gate.context = context;
            gate.begun.complete(context);
            try {
                gate.open.get();
            } catch (InterruptedException e) {
                gate.interrupted.complete(null);
                throw e;
            }
        });
        return gate;
    }

    /** Where a job waits. */
    static final class Gate {

        final CompletableFuture<TaskContext> begun = new CompletableFuture<>();
        final CompletableFuture<Void> open = new CompletableFuture<>();
        final CompletableFuture<Void> interrupted = new CompletableFuture<>();
        volatile TaskContext context;

        TaskContext awaitBegun() {
            return begun.orTimeout(20, TimeUnit.SECONDS).join();
        }

        void awaitInterrupted() {
            interrupted.orTimeout(20, TimeUnit.SECONDS).join();
        }

        void open() {
            open.complete(null);
        }
    }

    /** Stops in the background: a stop may wait for what the test does next. */
    static CompletableFuture<Void> stopping(Worker worker) {
        CompletableFuture<Void> stopped = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                worker.stop();
                stopped.complete(null);
            } catch (Throwable t) {
                stopped.completeExceptionally(t);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return stopped;
    }

    static void awaitFree(Worker worker) {
        Waits.until("no slot is in use", () -> worker.inUse() == 0);
    }

    /** Waits until no job is on its thread any more, recorded or not. */
    void awaitThreads() {
        awaitRunning(0);
    }

    /** Waits until so many threads are at work for the worker. */
    void awaitRunning(int count) {
        Waits.until(count + " threads are at work", () -> running.get() == count);
    }

    @Override
    public void close() {
        broker.setAll(GatedBroker.Mode.PASS);
        gates.forEach(gate -> gate.complete(null));
        for (Worker worker : workers) {
            CompletableFuture<Void> stopped = stopping(worker);
            // A stop may wait in fake time for what a test has left behind.
            Waits.until("the worker has stopped", () -> {
                if (!stopped.isDone()) {
                    clock.advance(Duration.ofSeconds(1));
                }
                return stopped.isDone();
            });
        }
        threads.shutdownNow();
    }
}
