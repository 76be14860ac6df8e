package io.tidemill.test;

import io.tidemill.QueueClient;
import io.tidemill.TaskQueue;
import io.tidemill.admin.QueueAdmin;
import io.tidemill.client.Awaited;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.JobRequest;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskRef;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.queue.RescheduleReply;
import io.tidemill.task.JobState;
import io.tidemill.text.Durations;
import io.tidemill.time.Clock;
import io.tidemill.workflow.Workflow;
import io.tidemill.workflow.WorkflowHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A whole task queue for a test, without threads and without waiting: jobs run on the thread of the test, one after the
 * other, and time stands still until the test moves it. Everything else is as in production: arguments and results are
 * written and read by the codec; interceptors, listeners, retries, delays, priorities, limits, unique keys, timeouts,
 * schedules and child jobs do what they do there.
 *
 * <pre>{@code
 * try (TestQueue queue = TestQueue.of(new Mails())) {
 *     queue.enqueue(Mails::send, "ada@example.com");     // is stored, and does not run yet
 *     queue.runUntilIdle();                              // runs what is due now
 *     queue.advance(Duration.ofDays(365));               // runs what becomes due, each job at its own instant
 *     TestRun<Receipt> run = queue.run(call(Mails::send, "bob@example.com"));   // to its end, over all its retries
 * }
 * }</pre>
 *
 * <p>A job runs only within {@link #runUntilIdle}, {@link #advance} and {@link #run}, and while a handle is awaited
 * ({@link JobHandle#await} waits in the time of the queue). A future of a handle completes within these, too.
 *
 * <p>A batch ({@link io.tidemill.task.Batch}) takes what is due at one instant, up to its size. Its longest wait is not
 * waited for, since nothing comes while time stands still.
 *
 * <p>While nothing runs, time goes from one instant at which something is due to the next, so a year costs no more than
 * the jobs in it. The rounds of an {@link io.tidemill.Extension}, other than those of a scheduler, are done at these
 * instants and not by their own periods.
 *
 * <p>Jobs may be enqueued by any thread. The other methods belong to one thread, the test's.
 */
public final class TestQueue implements QueueClient, AutoCloseable {

    private static final Duration LONGEST_RUN = Duration.ofDays(3653);

    private final TaskQueue queue;
    private final TestClock clock;
    private final TestBroker broker;
    private final QueueRecords records;
    private final Faults faults;

    TestQueue(TaskQueue queue, TestClock clock, TestBroker broker, QueueRecords records, Faults faults) {
        this.queue = queue;
        this.clock = clock;
        this.broker = broker;
        this.records = records;
        this.faults = faults;
    }

    /** A queue with these objects with {@link io.tidemill.task.Task} methods; the rest is as it is by default. */
    public static TestQueue of(Object... tasks) {
        return builder().tasks(tasks).start();
    }

    /** Begins to describe a queue. */
    public static TestQueueBuilder builder() {
        return new TestQueueBuilder();
    }

    /**
     * Runs what is due now, and what that makes due now. Time does not move: retries and delays wait.
     *
     * @throws AssertionError if it does not end, as where a task enqueues itself without a delay
     */
    public void runUntilIdle() {
        checkOutside("runUntilIdle");
        clock.settle();
    }

    /**
     * Lets time pass. Each job that becomes due runs at its own instant: {@link #now} is that instant while it runs.
     *
     * <p>A task that lets time pass itself, by {@link #sleep}, may end later than this duration. No job begins after
     * that: what is due by then runs when time goes on again.
     *
     * @param duration how much, 0 to 10 years
     */
    public void advance(Duration duration) {
        checkOutside("advance");
        clock.advance(nanos(duration));
    }

    /**
     * Enqueues a job and lets it run to its end: through its delay, its retries and what runs before it. Other jobs
     * that become due meanwhile run, too. Time moves only as far as this needs.
     *
     * <p>What the task throws is in the result, and does not leave this method.
     *
     * @throws AssertionError if the job does not end within 10 years, as in a queue that is paused; says where it is
     */
    public <R extends @Nullable Object> TestRun<R> run(Call<R> call) {
        checkOutside("run");
        JobHandle<R> job = enqueue(call);
        clock.go(() -> records.end(job) != null, clock.plus(LONGEST_RUN.toNanos()));
        JobEvent end = records.end(job);
        JobState state = end == null ? null : end.endState();
        if (end == null || state == null) {
            throw new AssertionError("job " + job.id() + " of task " + call.task() + " does not end by itself; it is "
                    + job.state().map(Enum::name).orElse("not known") + " in queue " + job.queue() + " at " + now());
        }
        Object result = state == JobState.SUCCEEDED ? result(job) : null;
        return new TestRun<>(job, state, end.failure(), records.attempts(job), result);
    }

    private static @Nullable Object result(JobHandle<?> job) {
        try {
            return job.await(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the result was read", e);
        }
    }

    /**
     * Lets time pass within a task, as work that takes long does: leases are renewed, and a timeout or a cancel
     * interrupts it. No other job runs meanwhile. Outside of a task it is {@link #advance}.
     *
     * @param duration how much, 0 to 10 years
     * @throws InterruptedException if the run was interrupted meanwhile, as {@link Thread#sleep} throws it
     */
    public void sleep(Duration duration) throws InterruptedException {
        if (clock.isMoving()) {
            clock.pass(() -> false, clock.plus(nanos(duration)));
        } else {
            clock.advance(nanos(duration));
        }
    }

    /** What time it is here. */
    public Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    /** The clock of the queue, for code that asks one. It stands still until the queue moves it. */
    public Clock clock() {
        return clock;
    }

    /** Every job that was stored so far, in order: also those that have ended, and those of tasks and schedules. */
    public List<EnqueuedJob> enqueued() {
        return records.enqueued();
    }

    /** Every job of a task that was stored so far, in order. */
    public List<EnqueuedJob> enqueued(TaskRef<?> task) {
        named(task);
        return records.enqueued().stream()
                .filter(job -> job.task().equals(task.name()))
                .toList();
    }

    /** Everything that happened so far, in order. */
    public List<QueueEvent> events() {
        return records.events();
    }

    /**
     * The next run of a task throws this, and the task's method is not called. Called several times it is about as many
     * runs, in order.
     */
    public void failNext(TaskRef<?> task, Throwable thrown) {
        faults.fail(named(task), Objects.requireNonNull(thrown, "thrown must not be null"));
    }

    /**
     * In the next run of a task the worker dies after the task's method has run and before that is recorded: the work
     * is done, and nobody knows. When its lease ends (30 s, unless it is set) the job runs again. Listeners hear that
     * the lease was lost, and that the job was recovered.
     */
    public void crashNext(TaskRef<?> task) {
        faults.crash(named(task));
    }

    /**
     * The reply to the next request that stores jobs is lost: the jobs are stored, and {@code enqueue} throws a
     * {@link io.tidemill.task.BrokerException} whose outcome is unknown.
     */
    public void loseReply() {
        broker.loseReply();
    }

    /** What an operator looks at. */
    public QueueAdmin admin() {
        return queue.admin();
    }

    /** The queue itself, for code that wants one. */
    public TaskQueue taskQueue() {
        return queue;
    }

    /** Stops the queue. Jobs that wait are forgotten. */
    @Override
    public void close() {
        checkOutside("close");
        queue.close();
        clock.runTasks();
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> enqueue(JobRequest<R> request) {
        return queue.enqueue(request);
    }

    @Override
    public <R extends @Nullable Object> CompletableFuture<JobHandle<R>> enqueueAsync(JobRequest<R> request) {
        return queue.enqueueAsync(request);
    }

    @Override
    public <R extends @Nullable Object> List<JobHandle<R>> enqueueAll(
            Collection<? extends JobRequest<? extends R>> requests) {
        return queue.enqueueAll(requests);
    }

    @Override
    public <R extends @Nullable Object> BulkCounts enqueueAll(
            Stream<? extends JobRequest<? extends R>> requests, Consumer<? super JobHandle<R>> each) {
        return queue.enqueueAll(requests, each);
    }

    @Override
    public PreparedJob prepare(Call<?> call) {
        return queue.prepare(call);
    }

    @Override
    public PreparedJob prepareLike(PreparedJob pattern, String id, @Nullable Object... arguments) {
        return queue.prepareLike(pattern, id, arguments);
    }

    @Override
    public <R extends @Nullable Object> RescheduleReply reschedule(JobHandle<R> job, Call<? extends R> call) {
        return queue.reschedule(job, call);
    }

    @Override
    public PreparedJob enqueueAfterCommit(Call<?> call) {
        return queue.enqueueAfterCommit(call);
    }

    @Override
    public JobHandle<@Nullable Object> job(String name, String id) {
        return queue.job(name, id);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String id) {
        return queue.job(task, id);
    }

    @Override
    public <R extends @Nullable Object> JobHandle<R> job(TaskRef<R> task, String name, String id) {
        return queue.job(task, name, id);
    }

    @Override
    public <R extends @Nullable Object> List<Awaited<R>> awaitAll(
            Collection<? extends JobHandle<? extends R>> jobs, Duration timeout) throws InterruptedException {
        return queue.awaitAll(jobs, timeout);
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> start(Workflow<R> workflow) {
        return queue.start(workflow);
    }

    @Override
    public void addSteps(Workflow<?> steps) {
        queue.addSteps(steps);
    }

    @Override
    public <R extends @Nullable Object> WorkflowHandle<R> workflow(Workflow<R> definition, String id) {
        return queue.workflow(definition, id);
    }

    @Override
    public WorkflowHandle<@Nullable Object> workflow(String home, String id) {
        return queue.workflow(home, id);
    }

    private static String named(TaskRef<?> task) {
        return Objects.requireNonNull(task, "task must not be null").name();
    }

    private static long nanos(Duration duration) {
        return Durations.check("duration", duration).toNanos();
    }

    private void checkOutside(String method) {
        if (clock.isMoving()) {
            throw new IllegalStateException(method + " was called by a task or a listener, while this queue runs it;"
                    + " a task that takes long calls sleep");
        }
    }
}
