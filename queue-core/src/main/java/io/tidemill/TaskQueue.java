package io.tidemill;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.async.Safely;
import io.tidemill.broker.Ability;
import io.tidemill.broker.Broker;
import io.tidemill.broker.ResultBackend;
import io.tidemill.client.Awaited;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.JobRequest;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskRef;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.Service;
import io.tidemill.lifecycle.Threads;
import io.tidemill.maintenance.HistoryWriter;
import io.tidemill.maintenance.Maintenance;
import io.tidemill.observe.Observers;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.send.Awaiter;
import io.tidemill.send.Sender;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.Names;
import io.tidemill.time.Clock;
import io.tidemill.worker.EndedOutcomes;
import io.tidemill.worker.ResultWriter;
import io.tidemill.worker.TaskBinding;
import io.tidemill.worker.Worker;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import io.tidemill.workflow.Workflows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The front door: enqueues jobs and, if it was given tasks, runs them.
 *
 * <pre>{@code
 * try (TaskQueue queue = TaskQueue.builder()
 *         .broker(RedisBroker.connect("redis://localhost:6379"))   // leave out: in-memory
 *         .tasks(new MailTasks())                                  // leave out: producer only
 *         .start()) {
 *     JobHandle<Receipt> job = queue.enqueue(MailTasks::sendEmail, "ada@example.com", "Welcome");
 *     Receipt receipt = job.await(Duration.ofSeconds(10));
 * }
 * }</pre>
 *
 * <p>A job whose {@code enqueue} returned runs at least once, or ends where an operator sees it, as long as the broker
 * keeps what it acknowledged. It may run more than once, as after a crash: see {@link io.tidemill.task.Task}.
 *
 * <p>Long, because it hands on each method of both clients, and puts all parts together.
 *
 * <p>Make one per process and keep it; it holds connections and threads until it is closed. Thread-safe.
 */
public final class TaskQueue implements QueueClient, AutoCloseable {

    private static final Duration ASK_AFTER = Duration.ofSeconds(1);

    private final Broker broker;
    private final @Nullable ResultBackend results;
    private final ExecutorService executor;
    private final Awaiter awaiter;
    private final Sender sender;
    private final Workflows workflows;
    private final QueueAdmin admin;
    private final Observers observers;
    private final Clock clock;
    /** Whether {@link #health} has asked something that is not answered. */
    private final AtomicBoolean asking = new AtomicBoolean();
    /** What runs in the background, in the order in which it starts; it stops in the reverse order. */
    private final List<Service> services = new ArrayList<>();

    private final @Nullable Worker worker;
    private volatile boolean started;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Not before running jobs have ended: they may enqueue more until then. */
    private volatile boolean closed;

    private TaskQueue(Setup setup, Map<String, TaskBinding> bindings) {
        this.broker = setup.broker();
        this.results = setup.results();
        this.executor = Threads.perTask("tidemill-task-", setup.clock());
        this.awaiter = new Awaiter(broker, results, setup.payloads(), setup.clock(), executor);
        this.clock = setup.clock();
        Map<String, TaskBinding> byEachName = RegisteredTasks.byEachName(bindings);
        EndedOutcomes outcomes = endedOutcomes(setup, byEachName);
        this.observers = new Observers(listeners(setup, outcomes), setup.probes(), clock, executor);
        awaiter.guard(observers.awaitingRuns());
        this.sender = new Sender(
                broker,
                definitions(byEachName),
                setup.overrides(),
                setup.sendInterceptors(),
                setup.transactions(),
                setup.payloads(),
                setup.client(),
                observers,
                setup.clock(),
                executor,
                awaiter);
        this.workflows = new Workflows(broker, sender, awaiter, setup.payloads(), observers, clock, executor);
        this.admin = new QueueAdmin(broker, clock);
        if (outcomes != null) {
            // First, so that it stops last: jobs end while the others stop.
            services.add(outcomes);
            observers.loop(outcomes.loop());
        }
        services.add(awaiter);
        observers.loop(awaiter.loop());
        countHistory(setup);
        WorkerOptions options = setup.workerOptions(bindings.values());
        Extension.Parts parts = new InstalledExtension.Parts(
                this, broker, clock, definitions(bindings), options.queues(), this::health, observers);
        setup.extensions().forEach(extension -> services.add(new InstalledExtension(extension, parts)));
        if (bindings.isEmpty()) {
            this.worker = null;
            return;
        }
        this.worker = new Worker(
                broker,
                byEachName,
                options,
                setup.payloads(),
                results,
                observers,
                setup.interceptors(),
                setup.clock(),
                executor);
        services.add(worker);
        if (broker.abilities().contains(Ability.SWEEPS)) {
            Maintenance maintenance = new Maintenance(
                    broker,
                    options.queues(),
                    options.lease(),
                    options.maxLostLeases(),
                    setup.trimmer(broker, options.queues()),
                    worker::look,
                    observers,
                    setup.clock(),
                    executor);
            services.add(maintenance.carrying(worker::carry));
        }
    }

    /** Begins to describe a queue. Everything has a default: {@code builder().start()} is an in-memory producer. */
    public static TaskQueueBuilder builder() {
        return new TaskQueueBuilder();
    }

    static TaskQueue start(Setup setup, Map<String, TaskBinding> bindings, LateClient self) {
        TaskQueue queue = new TaskQueue(setup, bindings);
        self.become(queue);
        try {
            queue.observers.scripts().ifPresent(queue.broker::measure);
            queue.broker.open();
            if (queue.results != null) {
                queue.results.open();
            }
            // Before the first claim, or jobs would start that they forbid.
            setup.applyLimits(queue.admin);
            queue.services.forEach(Service::start);
            queue.started = true;
            return queue;
        } catch (RuntimeException | Error e) {
            queue.close();
            throw e;
        }
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> enqueue(JobRequest<R> request) {
        Objects.requireNonNull(request, "request");
        checkOpen();
        return sender.enqueue(request);
    }

    @Override
    public <R extends @Nullable Object> CompletableFuture<JobHandle<R>> enqueueAsync(JobRequest<R> request) {
        Objects.requireNonNull(request, "request");
        checkOpen();
        return sender.enqueueAsync(request);
    }

    @Override
    public <R extends @Nullable Object> List<JobHandle<R>> enqueueAll(
            Collection<? extends JobRequest<? extends R>> requests) {
        Objects.requireNonNull(requests, "requests");
        checkOpen();
        return sender.enqueueAll(requests);
    }

    @Override
    public <R extends @Nullable Object> BulkCounts enqueueAll(
            Stream<? extends JobRequest<? extends R>> requests, Consumer<? super JobHandle<R>> each) {
        Objects.requireNonNull(requests, "requests");
        Objects.requireNonNull(each, "each");
        checkOpen();
        return sender.enqueueAll(requests, each);
    }

    @Override
    public PreparedJob prepare(Call<?> call) {
        Objects.requireNonNull(call, "call");
        return sender.prepare(call);
    }

    @Override
    public PreparedJob prepareLike(PreparedJob pattern, String id, @Nullable Object... arguments) {
        return sender.prepareLike(pattern, id, arguments);
    }

    @Override
    public <R extends @Nullable Object> RescheduleReply reschedule(JobHandle<R> job, Call<? extends R> call) {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(call, "call");
        return sender.reschedule(job, call);
    }

    @Override
    public PreparedJob enqueueAfterCommit(Call<?> call) {
        Objects.requireNonNull(call, "call");
        checkOpen();
        return sender.enqueueAfterCommit(call);
    }

    @Override
    public JobHandle<@Nullable Object> job(String queue, String id) {
        return sender.job(queue, id);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String id) {
        Objects.requireNonNull(task, "task");
        return sender.job(task, id);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String queue, String id) {
        Objects.requireNonNull(task, "task");
        return sender.job(task, queue, id);
    }

    @Override
    public <R extends @Nullable Object> List<Awaited<R>> awaitAll(
            Collection<? extends JobHandle<? extends R>> jobs, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(jobs, "jobs");
        return sender.awaitAll(jobs, timeout);
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> start(Workflow<R> workflow) {
        checkOpen();
        return workflows.start(workflow);
    }

    @Override
    public void addSteps(Workflow<?> steps) {
        workflows.addSteps(steps);
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> workflow(Workflow<R> definition, String id) {
        return workflows.workflow(definition, id);
    }

    @Override
    public WorkflowHandle<@Nullable Object> workflow(String home, String id) {
        return workflows.workflow(home, id);
    }

    /** What an operator looks at. */
    public QueueAdmin admin() {
        return admin;
    }

    /**
     * How this queue is doing, for a probe of the platform that runs the process or for a page. Quick: nothing is
     * waited for.
     *
     * <p>A queue without tasks sends nothing by itself. If nothing was answered for a second, this call sends a
     * request, and a later call knows its answer.
     */
    public Health health() {
        boolean isServing = started && !closing.get();
        if (isServing
                && broker.abilities().contains(Ability.SWEEPS)
                && observers.outages().sinceAnswer().compareTo(ASK_AFTER) > 0
                && asking.compareAndSet(false, true)) {
            askBroker();
        }
        return new Health(observers, clock, isServing, closing.get() && ended.getCount() > 0);
    }

    private void askBroker() {
        try {
            observers
                    .ask("survey", "", 1, () -> broker.sweeps().survey(List.of(Names.DEFAULT_QUEUE)))
                    .whenComplete((answer, failure) -> asking.set(false));
        } catch (Throwable t) {
            asking.set(false);
            throw t;
        }
    }

    /**
     * Stops taking jobs, lets running ones end (30 s unless set otherwise), interrupts those that do not and gives them
     * back, and ends every thread and connection. Closing twice is fine; a second call while the first waits for
     * running jobs interrupts them at once.
     *
     * <p>Jobs hold it up no longer than {@code drainTimeout} and {@code interruptTimeout} together. What has ended and
     * cannot be recorded, as while Redis is away, holds it up no longer than {@code drainTimeout}; such a job runs
     * again. Outcomes that a result backend keeps beside a broker without look-up hold it up for another
     * {@code drainTimeout}, and never more than 5 s; each that is not stored then is logged.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            if (worker != null) {
                worker.stop();
            }
            return;
        }
        try {
            for (int i = services.size() - 1; i >= 0; i--) {
                Safely.run("stopping a part of the queue", services.get(i)::stop);
            }
            closed = true;
            observers.outages().close();
            Safely.run("closing the broker", broker::close);
            if (results != null) {
                Safely.run("closing the result backend", results::close);
            }
            // Last: what the broker answers while it closes is handed out on it.
            executor.shutdown();
        } finally {
            ended.countDown();
        }
    }

    /**
     * Waits until this queue has been closed by another thread, as a shutdown hook: what a {@code main} does that only
     * works, since the threads of a queue do not keep the JVM alive. Returns at once if it is closed already. Any
     * number of threads may wait.
     *
     * <pre>{@code
     * Runtime.getRuntime().addShutdownHook(new Thread(queue::close));
     * queue.awaitClose();
     * }</pre>
     *
     * @throws InterruptedException if the thread is interrupted while it waits; the queue goes on
     */
    public void awaitClose() throws InterruptedException {
        ended.await();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this TaskQueue was closed");
        }
    }

    private @Nullable EndedOutcomes endedOutcomes(Setup setup, Map<String, TaskBinding> bindings) {
        if (results == null || broker.abilities().contains(Ability.LOOK_UP)) {
            return null;
        }
        WorkerOptions options = setup.workerOptions(bindings.values());
        return new EndedOutcomes(
                new ResultWriter(results, options.lease()),
                setup.payloads(),
                definitions(bindings),
                clock,
                options.drainTimeout(),
                () -> observers.isPublishing());
    }

    /**
     * Starts before all that publishes events of jobs, and stops behind it. Health does not judge its loop: a process
     * whose figures are late still does its work.
     */
    private void countHistory(Setup setup) {
        if (setup.history && broker.abilities().contains(Ability.HISTORY)) {
            HistoryWriter history = new HistoryWriter(broker.history(), observers, clock);
            observers.listen(history);
            services.add(history);
        }
    }

    /**
     * The user's listeners, and ahead of them the awaiter: a job that ends in this process needs no message from the
     * broker.
     */
    private List<QueueListener> listeners(Setup setup, @Nullable EndedOutcomes outcomes) {
        List<QueueListener> all = new ArrayList<>();
        if (outcomes != null) {
            all.add(outcomes);
        }
        all.add(event -> {
            if (event instanceof JobEvent ended && ended.isEnd()) {
                awaiter.hint(ended.queue(), ended.jobId());
            }
        });
        all.addAll(setup.listeners());
        return all;
    }

    private static Map<String, TaskDefinition> definitions(Map<String, TaskBinding> bindings) {
        Map<String, TaskDefinition> definitions = new LinkedHashMap<>();
        bindings.forEach((name, binding) -> definitions.put(name, binding.definition()));
        return Collections.unmodifiableMap(definitions);
    }
}
