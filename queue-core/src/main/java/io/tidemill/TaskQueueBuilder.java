package io.tidemill;

import io.tidemill.broker.Broker;
import io.tidemill.broker.ResultBackend;
import io.tidemill.client.ClientOptions;
import io.tidemill.client.SendInterceptor;
import io.tidemill.client.TaskClient;
import io.tidemill.client.TransactionHook;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.message.PayloadCodec;
import io.tidemill.message.PayloadSeal;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Retention;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskHandler;
import io.tidemill.task.Upcaster;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.Names;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Describes a {@link TaskQueue}. Nothing is connected or started before {@link #start}, which reports every problem of
 * the description at once. Long, because each setting is a method with its text.
 *
 * <p>Not thread-safe.
 */
public final class TaskQueueBuilder {

    private final Setup setup = new Setup();
    private final LateClient self = new LateClient();
    /** The single settings so far that {@link #worker} would replace, by their methods. */
    private final Set<String> workerSettings = new LinkedHashSet<>();
    /** Those that {@link #client} would replace. */
    private final Set<String> clientSettings = new LinkedHashSet<>();

    private boolean started;

    TaskQueueBuilder() {}

    /** Where jobs are kept. Default: in the memory of this process. Is closed with the queue. */
    public TaskQueueBuilder broker(Broker value) {
        setup.broker = given("broker", value);
        return this;
    }

    /** Where results are kept. Default: beside the jobs. Is closed with the queue. */
    public TaskQueueBuilder results(ResultBackend value) {
        setup.results = given("results", value);
        return this;
    }

    /**
     * Objects with {@link io.tidemill.task.Task} methods, which this process runs. Default: none; then it only
     * enqueues.
     */
    public TaskQueueBuilder tasks(Object... objects) {
        List.of(objects).forEach(setup.tasks::add);
        return this;
    }

    /**
     * An object with {@link io.tidemill.task.Task} methods that enqueue more jobs: it is made with the client to do so,
     * which is the queue that is being built.
     *
     * <pre>{@code
     * TaskQueue.builder().tasks(queue -> new OrderTasks(queue))
     * }</pre>
     */
    public TaskQueueBuilder tasks(Function<? super QueueClient, ?> factory) {
        setup.tasks.add(factory.apply(self));
        return this;
    }

    /**
     * What this process says otherwise than the declaration of a task, as for an environment. May be called several
     * times for a task.
     *
     * <pre>{@code
     * .task("send_email", task -> task.queue("mail-eu").timeout(Duration.ofSeconds(10)))
     * }</pre>
     *
     * @param name the task's name; must be registered here if tasks are and {@link #checkTaskNames} holds
     */
    public TaskQueueBuilder task(String name, Consumer<TaskSettings> settings) {
        return set(() -> setup.tasks.set(name, settings));
    }

    /**
     * A task that is declared here, in place of a method with {@link io.tidemill.task.Task}. It takes one argument and
     * keeps no result. Its queue, timeout and the like are set with {@link #task}; without that they are the defaults.
     *
     * <pre>{@code
     * .handle("send-email", Mail.class, (mail, context) -> mailer.send(context.jobId(), mail))
     * }</pre>
     *
     * <p>It is enqueued by its name: {@code queue.enqueue("send-email", new Mail(...))}.
     *
     * @param name the stable name that is stored with each job
     * @param argument the type that the argument is read as
     */
    @SuppressWarnings("unchecked") // the codec reads the argument as this type
    public <A> TaskQueueBuilder handle(String name, Class<A> argument, TaskHandler<? super A> handler) {
        given("handler", handler);
        setup.tasks.handle(name, given("argument", argument), null, arguments -> {
            handler.handle((A) arguments[0], TaskContext.current());
            return null;
        });
        return this;
    }

    /**
     * As {@link #handle(String, Class, TaskHandler)}, and keeps a result.
     *
     * @param result the type that the result is written as
     */
    @SuppressWarnings("unchecked") // as above
    public <A, R> TaskQueueBuilder handle(
            String name, Class<A> argument, Class<R> result, TaskHandler.WithResult<A, R> handler) {
        given("handler", handler);
        setup.tasks.handle(
                name,
                given("argument", argument),
                given("result", result),
                arguments -> handler.handle((A) arguments[0], TaskContext.current()));
        return this;
    }

    /**
     * How arguments that a task had in one version become those of the next. Jobs that were stored in an older version
     * go through all that follow: 1 to 2, 2 to 3 and so on. One that is missing is a problem at the start.
     *
     * <pre>{@code
     * .upcaster("send_email", 1, arguments -> {       // version 2 takes a language as well
     *     arguments.add("en");
     *     return arguments;
     * })
     * }</pre>
     *
     * @param task the task's name
     * @param from the version that it reads; 1 to 999
     */
    public TaskQueueBuilder upcaster(String task, int from, Upcaster upcaster) {
        given("upcaster", upcaster);
        return set(() -> setup.tasks.upcast(task, from, upcaster));
    }

    /**
     * When failed runs are tried again, as far as the annotation of a task does not say. Default:
     * {@link RetryPolicy#defaults}.
     */
    public TaskQueueBuilder retry(RetryPolicy policy) {
        setup.retry = given("retry", policy);
        return this;
    }

    /** The queues to serve. Default: those that the tasks declare. */
    public TaskQueueBuilder queues(String... names) {
        return worker("queues", it -> it.withQueues(new LinkedHashSet<>(List.of(names))));
    }

    /** Most jobs that run at once in this process, over all queues. 1 to 10,000, default 10. */
    public TaskQueueBuilder concurrency(int jobs) {
        return worker("concurrency", it -> it.withConcurrency(jobs));
    }

    /**
     * Most jobs of one queue that run at once in this process, within the {@link #concurrency(int)} of all. 1 to
     * 10,000. Over all processes a queue is limited by {@link #limit}.
     *
     * @param queue a queue that is served here
     */
    public TaskQueueBuilder concurrency(String queue, int jobs) {
        return worker("concurrency", it -> {
            Map<String, Integer> queues = new HashMap<>(it.queueConcurrency());
            queues.put(queue, jobs);
            return it.withQueueConcurrency(queues);
        });
    }

    /** How long a claimed job stays this worker's without renewal. 1 s to 1 h, default 30 s. */
    public TaskQueueBuilder lease(Duration duration) {
        return worker("lease", it -> it.withLease(duration));
    }

    /** How long {@link TaskQueue#close} lets running jobs end before it interrupts them. Default 30 s. */
    public TaskQueueBuilder drainTimeout(Duration duration) {
        return worker("drainTimeout", it -> it.withDrainTimeout(duration));
    }

    /**
     * Whether calls by name must name a task that is registered here. Default true; without tasks nothing is checked.
     */
    public TaskQueueBuilder checkTaskNames(boolean check) {
        return client("checkTaskNames", it -> it.withCheckTaskNames(check));
    }

    /**
     * What limits a queue as a whole, over all processes: a rate, a concurrency, or both. Several calls combine.
     * Written to the broker at every start, in place of what was there; {@link TaskQueue#admin} changes it at run time.
     */
    public TaskQueueBuilder limit(String queue, Limit... values) {
        return limit(queue, LimitScope.QUEUE, values);
    }

    /** What limits each group of a queue for itself. As {@link #limit}. */
    public TaskQueueBuilder groupLimit(String queue, Limit... values) {
        return limit(queue, LimitScope.GROUPS, values);
    }

    /** What limits one group, in place of what limits each. No limit at all frees it. As {@link #limit}. */
    public TaskQueueBuilder groupLimit(String queue, String group, Limit... values) {
        return set(() -> limit(queue, LimitScope.group(group), values));
    }

    private TaskQueueBuilder limit(String queue, LimitScope scope, Limit... values) {
        return set(() -> {
            Map<LimitScope, List<Limit>> ofQueue =
                    setup.limits.computeIfAbsent(Names.check("queue name", queue), name -> new LinkedHashMap<>());
            List<Limit> all = ofQueue.computeIfAbsent(scope, each -> new ArrayList<>());
            all.addAll(List.of(values));
            Limits.of(all);
        });
    }

    /** Largest job record, in bytes. 1 to 16 MiB, default 256 KiB. */
    public TaskQueueBuilder maxPayloadBytes(int bytes) {
        return client("maxPayloadBytes", it -> it.withMaxPayloadBytes(bytes));
    }

    /** Largest result that is kept, in bytes. 1 to 16 MiB, default 1 MiB. A job whose result is larger is dead. */
    public TaskQueueBuilder maxResultBytes(int bytes) {
        return worker("maxResultBytes", it -> it.withMaxResultBytes(bytes));
    }

    /**
     * Every setting of the running half. Single settings may follow and change it; one that was made before is a
     * problem at the start, as this would silently replace it.
     */
    public TaskQueueBuilder worker(WorkerOptions options) {
        replaced("worker", workerSettings);
        setup.worker = given("worker", options);
        return this;
    }

    /** Every setting of the sending half. Single settings may follow; as {@link #worker}. */
    public TaskQueueBuilder client(ClientOptions options) {
        replaced("client", clientSettings);
        setup.client = given("client", options);
        return this;
    }

    /** How many dead jobs are kept in the queues that this process serves. Default: 10,000, for 30 days. */
    public TaskQueueBuilder deadRetention(Retention kept) {
        setup.retention = given("deadRetention", kept);
        return this;
    }

    /** How many dead jobs are kept in one of the queues that this process serves. */
    public TaskQueueBuilder deadRetention(String queue, Retention kept) {
        setup.retentions.put(given("queue", queue), given("deadRetention", kept));
        return this;
    }

    /**
     * How jobs are kept after they succeeded, in the queues that this process serves: state, times, counts and
     * arguments stay readable. A task may say another time ({@link io.tidemill.task.Task#keep}), and then only the
     * number is taken from here. When the queue keeps more than that number, those go first whose time is over first;
     * where all are kept equally long, these are the oldest. That happens when other jobs succeed. Default: only those
     * of tasks that say so, and of these the newest 10,000 of each queue.
     */
    public TaskQueueBuilder keep(Retention kept) {
        return worker("keep", it -> it.withKeep(given("keep", kept)));
    }

    /**
     * How jobs of one queue are kept after they succeeded, in place of what holds for all. As {@link #keep(Retention)}.
     */
    public TaskQueueBuilder keep(String queue, Retention kept) {
        return worker("keep", it -> it.withKeep(queue, given("keep", kept)));
    }

    /** How arguments and results are written. Default: JSON. */
    public TaskQueueBuilder codec(PayloadCodec value) {
        setup.codec = given("codec", value);
        return this;
    }

    /**
     * Encrypts arguments, results and failures, or signs them. Default: none; then whoever can read the broker can read
     * them.
     */
    public TaskQueueBuilder seal(PayloadSeal value) {
        setup.seal = given("seal", value);
        return this;
    }

    /**
     * Whether arguments and results that are not sealed are read. Default true, so that jobs from before the
     * {@link #seal} run. With false such a job is dead at once, with its bytes, and who awaits such a result gets a
     * {@link io.tidemill.task.PayloadException}: nobody can give this process a job without the key. Failures are read
     * all the same: they are texts for people.
     */
    public TaskQueueBuilder acceptUnsealed(boolean accept) {
        setup.acceptUnsealed = accept;
        return this;
    }

    /** Receives events. May be called several times. */
    public TaskQueueBuilder listener(QueueListener listener) {
        setup.listeners.add(given("listener", listener));
        return this;
    }

    /** Runs around every execution of a task in this process. The one that was added first is the outermost. */
    public TaskQueueBuilder interceptRuns(RunInterceptor interceptor) {
        setup.interceptors.add(given("interceptor", interceptor));
        return this;
    }

    /** Sees every call before it is written. They are called in the order in which they were added. */
    public TaskQueueBuilder interceptSends(SendInterceptor interceptor) {
        setup.sendInterceptors.add(given("interceptor", interceptor));
        return this;
    }

    /** Adds something that starts and stops with the queue. May be called several times. */
    public TaskQueueBuilder install(Extension extension) {
        setup.extensions.add(given("extension", extension));
        extension.configure(this);
        return this;
    }

    /**
     * Carries values of the application from the thread that enqueues a job to the threads that run it. Say it where
     * jobs are enqueued and where they run. May be called several times; in a run, interceptors that were added before
     * stand outside.
     */
    public TaskQueueBuilder carry(ContextCarrier... carriers) {
        return set(() -> List.of(carriers).forEach(carrier -> {
            if (!setup.carried.add(carrier.name())) {
                throw new IllegalArgumentException("carry: there is a carrier named \"" + carrier.name()
                        + "\" already; give each a name of its own, or they set each other's value");
            }
            install(new CarriedContext(carrier));
        }));
    }

    /** The application's transactions, for {@link TaskClient#enqueueAfterCommit}. Default: none. */
    public TaskQueueBuilder transactions(TransactionHook hook) {
        setup.transactions = given("transactions", hook);
        return this;
    }

    /**
     * Whether this process adds to the counts of the last 24 hours and 30 days
     * ({@link io.tidemill.admin.QueueAdmin#history}), if the broker keeps them. One small request every 5 s for each
     * queue in which something happened. Default true.
     */
    public TaskQueueBuilder history(boolean isCounted) {
        setup.history = isCounted;
        return this;
    }

    /** Receives measurements. May be called several times. */
    public TaskQueueBuilder probe(Probe probe) {
        setup.probes.add(given("probe", probe));
        return this;
    }

    /**
     * Where time comes from. For tests. The clock of a test queue, which has no threads, refuses a broker and a clock
     * that were given before: they would not be used.
     */
    public TaskQueueBuilder clock(Clock value) {
        given("clock", value);
        if (value instanceof ThreadlessClock) {
            setup.checkForTest(workerSettings);
        }
        setup.clock = value;
        return this;
    }

    /**
     * Connects and starts. A builder starts one queue. Its threads are daemons and do not keep the JVM alive.
     *
     * @throws ConfigurationException if anything in the description is wrong; names all of it
     * @throws io.tidemill.task.BrokerException if the broker cannot be reached or will not do
     */
    public TaskQueue start() {
        if (started) {
            throw new IllegalStateException(
                    "this builder has started a TaskQueue already, and its broker belongs to that one;"
                            + " make a new builder with a new broker");
        }
        started = true;
        return TaskQueue.start(setup, setup.check(), self);
    }

    private TaskQueueBuilder worker(String setting, UnaryOperator<WorkerOptions> change) {
        workerSettings.add(setting);
        return set(() -> setup.worker = change.apply(setup.worker));
    }

    private TaskQueueBuilder client(String setting, UnaryOperator<ClientOptions> change) {
        clientSettings.add(setting);
        return set(() -> setup.client = change.apply(setup.client));
    }

    private void replaced(String by, Set<String> settings) {
        if (!settings.isEmpty()) {
            setup.problems.add(by + "(...) replaces what was set before it: " + String.join("(...), ", settings)
                    + "(...); call " + by + "(...) first, and what differs from it after it");
            settings.clear();
        }
    }

    private static <V> V given(String setting, @Nullable V value) {
        return Objects.requireNonNull(value, () -> setting + " must not be null");
    }

    /** A value out of range is one more problem to report, not the only one. */
    private TaskQueueBuilder set(Runnable setting) {
        try {
            setting.run();
        } catch (IllegalArgumentException e) {
            setup.problems.add(String.valueOf(e.getMessage()));
        }
        return this;
    }
}
