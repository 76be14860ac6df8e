package io.tidemill;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.ClientOptions;
import io.tidemill.client.SendInterceptor;
import io.tidemill.client.TransactionHook;
import io.tidemill.definition.TaskOverrides;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueListener;
import io.tidemill.lifecycle.ThreadlessClock;
import io.tidemill.maintenance.Trimmer;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.message.PayloadCodec;
import io.tidemill.message.PayloadSeal;
import io.tidemill.queue.Limit;
import io.tidemill.queue.LimitScope;
import io.tidemill.record.Payloads;
import io.tidemill.task.BatchOptions;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Retention;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.LogNames;
import io.tidemill.time.Clock;
import io.tidemill.worker.TaskBinding;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link TaskQueueBuilder} was given so far, with the defaults of the rest, and what is wrong with it as a
 * whole.
 *
 * <p>Not thread-safe.
 */
final class Setup {

    private static final Logger log = LoggerFactory.getLogger(LogNames.QUEUE);

    final List<String> problems = new ArrayList<>();
    final RegisteredTasks tasks = new RegisteredTasks(problems);
    final List<QueueListener> listeners = new ArrayList<>();
    final List<Probe> probes = new ArrayList<>();
    final List<RunInterceptor> interceptors = new ArrayList<>();
    final List<SendInterceptor> sendInterceptors = new ArrayList<>();
    final List<Extension> extensions = new ArrayList<>();

    /** Names of values that are carried from producers to runs. */
    final Set<String> carried = new HashSet<>();

    final Map<String, Map<LimitScope, List<Limit>>> limits = new LinkedHashMap<>();
    Clock clock = Clock.system();

    @Nullable
    Broker broker;

    @Nullable
    ResultBackend results;

    @Nullable
    TransactionHook transactions;

    PayloadCodec codec = new JsonPayloadCodec();
    boolean history = true;

    @Nullable
    PayloadSeal seal;

    boolean acceptUnsealed = true;

    ClientOptions client = ClientOptions.defaults();
    WorkerOptions worker = WorkerOptions.defaults();
    RetryPolicy retry = RetryPolicy.defaults();
    Retention retention = Retention.DEFAULT;
    final Map<String, Retention> retentions = new LinkedHashMap<>();

    /**
     * Looks for everything that is wrong. If anything is, what was given is closed: the builder never starts a queue
     * then.
     *
     * @return the tasks, by name
     * @throws ConfigurationException names all of it
     */
    Map<String, TaskBinding> check() {
        boolean isBrokerGiven = broker != null;
        Map<String, TaskBinding> bindings = bind();
        AbilityCheck abilities = new AbilityCheck(broker(), problems);
        abilities.check(bindings.values(), limits, results != null);
        abilities.checkKeeping(worker, retentions.keySet(), !retention.equals(Retention.DEFAULT));
        if (!problems.isEmpty()) {
            close();
            throw new ConfigurationException("TaskQueue", problems);
        }
        if (!isBrokerGiven && bindings.isEmpty()) {
            log.warn("neither a broker nor tasks were given: jobs are kept in the memory of this process, where nobody"
                    + " runs them; add tasks(...), or the broker(...) that workers share");
        }
        bindings.values().forEach(this::sayWhatIsNotRead);
        return bindings;
    }

    /** Another process may have the extension, so this is said and not refused. */
    private void sayWhatIsNotRead(TaskBinding binding) {
        Method method = binding.definition().method();
        for (Annotation annotation : method == null ? new Annotation[0] : method.getAnnotations()) {
            ReadByExtension reader = annotation.annotationType().getAnnotation(ReadByExtension.class);
            if (reader != null
                    && extensions.stream()
                            .noneMatch(each -> each.getClass().getName().equals(reader.value()))) {
                String extension = reader.value().substring(reader.value().lastIndexOf('.') + 1);
                log.warn(
                        "@{} of task \"{}\" has no effect in this process: it has no {}; add install(...) with one, or"
                                + " leave this to a process that has it",
                        annotation.annotationType().getSimpleName(),
                        binding.definition().name(),
                        extension);
            }
        }
    }

    /**
     * A test queue runs all that was described on a broker and a clock of its own. What it cannot use is a problem, or
     * is said.
     *
     * @param workerSettings which settings of the running half were made one by one
     */
    void checkForTest(Set<String> workerSettings) {
        Broker given = broker;
        if (given != null) {
            problems.add("a TestQueue has a broker of its own, in memory, and does not use " + given.name()
                    + "; leave broker(...) out of configure(...)");
            Safely.run("closing the broker", given::close);
        }
        if (clock != Clock.system()) {
            problems.add("a TestQueue has a clock of its own; leave clock(...) out of configure(...), and use"
                    + " startAt(...) and advance(...)");
        }
        if (workerSettings.contains("concurrency")
                || worker.concurrency() != WorkerOptions.defaults().concurrency()) {
            log.info("a TestQueue runs one job after the other; the concurrency that was configured is not used");
        }
    }

    private void close() {
        Safely.run("closing the broker", broker()::close);
        if (results != null) {
            Safely.run("closing the result backend", results::close);
        }
    }

    private Map<String, TaskBinding> bind() {
        Map<String, TaskBinding> bindings = tasks.bind(retry, codec, client.checkTaskNames());
        if (seal == null && !acceptUnsealed) {
            problems.add("acceptUnsealed(false) refuses all that is not sealed, and there is no seal; add seal(...)");
        }
        if (bindings.isEmpty() && !worker.queues().isEmpty() && problems.isEmpty()) {
            problems.add("queues " + worker.queues() + " are to be served, but no tasks are given; add tasks(...), or"
                    + " leave queues(...) out of a queue that only enqueues");
        }
        Set<String> served = workerOptions(bindings.values()).queues();
        checkServed("concurrency", worker.queueConcurrency().keySet(), served);
        checkServed("keep", worker.keepingQueues(), served);
        checkServed("deadRetention", retentions.keySet(), served);
        return bindings;
    }

    /** What is set for a queue that this process does not serve has no effect: its name is misspelt. */
    private void checkServed(String setting, Set<String> queues, Set<String> served) {
        queues.stream()
                .filter(queue -> !served.contains(queue))
                .forEach(queue -> problems.add(setting + "(\"" + queue + "\", ...) is about a queue that is not served"
                        + " here; served are " + new TreeSet<>(served)));
    }

    Broker broker() {
        if (broker == null) {
            broker = new MemoryBroker(clock);
        }
        return broker;
    }

    @Nullable
    ResultBackend results() {
        return results;
    }

    Payloads payloads() {
        return new Payloads(codec, seal, acceptUnsealed);
    }

    ClientOptions client() {
        return client;
    }

    Clock clock() {
        return clock;
    }

    /** Writes the limits to the broker. */
    void applyLimits(QueueAdmin admin) {
        limits.forEach((queue, scopes) ->
                scopes.forEach((scope, values) -> admin.limit(queue, scope, values.toArray(new Limit[0]))));
    }

    Map<String, TaskOverrides> overrides() {
        return tasks.overrides();
    }

    List<QueueListener> listeners() {
        return List.copyOf(listeners);
    }

    List<SendInterceptor> sendInterceptors() {
        return List.copyOf(sendInterceptors);
    }

    @Nullable
    TransactionHook transactions() {
        return transactions;
    }

    List<Extension> extensions() {
        return List.copyOf(extensions);
    }

    List<Probe> probes() {
        return List.copyOf(probes);
    }

    List<RunInterceptor> interceptors() {
        return List.copyOf(interceptors);
    }

    Trimmer trimmer(Broker on, Set<String> queues) {
        return new Trimmer(on, clock, queues, retention, retentions);
    }

    WorkerOptions workerOptions(Collection<TaskBinding> bindings) {
        WorkerOptions options = worker.queues().isEmpty()
                ? worker.withQueues(bindings.stream()
                        .map(binding -> binding.definition().queue())
                        .collect(Collectors.toSet()))
                : worker;
        return clock instanceof ThreadlessClock ? withRoomForBatches(options, bindings) : options;
    }

    /** Without threads one job runs after the other. Only queues of batch tasks have more than one job claimed. */
    private static WorkerOptions withRoomForBatches(WorkerOptions options, Collection<TaskBinding> bindings) {
        int most = options.concurrency();
        Map<String, Integer> own = new HashMap<>();
        options.queues().forEach(queue -> own.put(queue, options.concurrency()));
        for (TaskBinding binding : bindings) {
            BatchOptions batch = binding.definition().batch();
            if (batch != null) {
                own.remove(binding.definition().queue());
                most = Math.max(most, batch.max());
            }
        }
        return most == options.concurrency()
                ? options
                : options.withConcurrency(most).withQueueConcurrency(own);
    }
}
