package io.tidemill.examples.engreene.jobs;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.admin.QueueAdmin;
import io.tidemill.client.Call;
import io.tidemill.client.JobHandle;
import io.tidemill.client.TaskClient;
import io.tidemill.task.Retention;
import io.tidemill.task.RetryPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Jobs by type: handlers are registered for a type, and jobs are added for it. All of them wait in the queue
 * {@value #QUEUE}, by priority and then in the order in which they were added.
 *
 * <p>First types are declared or handlers registered, then it is attached to a queue, then jobs are added. A process
 * that only adds jobs declares their types. Registering is for one thread; the rest is thread-safe.
 */
public final class JobQueueService {

    /** Where all jobs wait. */
    public static final String QUEUE = "jobs";

    /** Eight runs: after about 0.25 s, 0.5 s, 1 s and so on, drawn at random between half of that and all of it. */
    public static final RetryPolicy RETRY = RetryPolicy.defaults()
            .withMaxAttempts(8)
            .withDelay(Duration.ofMillis(250))
            .withMultiplier(2)
            .withMaxDelay(Duration.ofMinutes(10));

    /** Completed jobs that {@link #getJob} still knows. */
    private static final Retention KEPT = new Retention(1_000, Duration.ofDays(1));

    /** Data that is given as a map is read as the handler's type: a name that it does not have is a mistake. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Map<String, Class<?>> types = new TreeMap<>();
    private final Map<String, Consumer<TaskQueueBuilder>> handlers = new TreeMap<>();
    private @Nullable TaskClient client;
    private @Nullable QueueAdmin admin;

    /** Says what data the jobs of a type have, for a process that adds them and does not run them. */
    public void declare(String type, Class<?> data) {
        checkUnattached("declare");
        if (types.putIfAbsent(type, data) != null) {
            throw new IllegalArgumentException("job type '" + type + "' is known already");
        }
    }

    /** Registers the handler of a type whose jobs give nothing. */
    public <D> void registerHandler(String type, Class<D> data, JobHandler<D> handler) {
        register(
                type,
                data,
                queue -> queue.handle(
                        type, data, (given, context) -> handler.handle(QueuedJob.of(context, type, given))));
    }

    /**
     * Registers the handler of a type.
     *
     * @param data what its jobs carry, as JSON
     * @param result what the handler gives
     */
    public <D, R> void registerHandler(
            String type, Class<D> data, Class<R> result, JobHandler.WithResult<D, R> handler) {
        register(
                type,
                data,
                queue -> queue.handle(
                        type, data, result, (given, context) -> handler.handle(QueuedJob.of(context, type, given))));
    }

    private void register(String type, Class<?> data, Consumer<TaskQueueBuilder> handler) {
        declare(type, data);
        handlers.put(
                type,
                handler.andThen(queue ->
                        queue.task(type, settings -> settings.queue(QUEUE).retry(RETRY))));
    }

    /** Gives the handlers to a queue that is being built. */
    public void configure(TaskQueueBuilder queue) {
        handlers.values().forEach(handler -> handler.accept(queue));
        if (!handlers.isEmpty()) {
            queue.keep(QUEUE, KEPT);
        }
    }

    /** Adds jobs here from now on, and looks at them here. */
    public void attach(TaskClient toClient, QueueAdmin toAdmin) {
        checkUnattached("attach");
        client = toClient;
        admin = toAdmin;
    }

    /** Adds a job. */
    public String addJob(String type, Object data) {
        return addJob(type, data, AddOptions.DEFAULT);
    }

    /**
     * Adds a job.
     *
     * @param data of the type's own class, or a map with the names of its parts
     * @return the job's id
     * @throws IllegalArgumentException if the type is not known, or the data is not what its jobs carry
     */
    public String addJob(String type, Object data, AddOptions options) {
        return handle(type, data, options).id();
    }

    /** Adds a job, and gives its handle: for those who wait for it. */
    public JobHandle<Object> handle(String type, Object data, AddOptions options) {
        Call<Object> call = Call.named(type, read(type, data)).queue(QUEUE).delay(options.delay());
        Integer priority = options.priority();
        call = priority == null ? call : call.priority(priority);
        Integer attempts = options.attempts();
        call = attempts == null ? call : call.retry(RETRY.withMaxAttempts(attempts));
        String id = options.id();
        return attached(client).enqueue(id == null ? call : call.id(id));
    }

    /** Where a job is; empty if nothing is known of it, as of one that was completed a day ago. */
    public Optional<JobStatus> getJob(String id) {
        return attached(admin).find(QUEUE, id).map(JobStatus::of);
    }

    /** How many jobs there are. */
    public JobStats getStats() {
        return JobStats.of(attached(admin).counts(QUEUE));
    }

    private Object read(String type, Object data) {
        Class<?> expected = types.get(type);
        if (expected == null) {
            throw new IllegalArgumentException("no job type '" + type + "'; there are " + types.keySet());
        }
        if (expected.isInstance(data)) {
            return data;
        }
        if (!(data instanceof Map)) {
            throw new IllegalArgumentException("jobs of type '" + type + "' carry a " + expected.getSimpleName()
                    + " or a map, not a " + data.getClass().getSimpleName());
        }
        try {
            return JSON.convertValue(data, expected);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "not the data of a job of type '" + type + "': "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    private void checkUnattached(String what) {
        if (client != null) {
            throw new IllegalStateException(what + " before the queue has started: its handlers are fixed by then");
        }
    }

    private static <T> T attached(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the job queue has not started");
        }
        return part;
    }
}
