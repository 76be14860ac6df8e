package io.tidemill.test;

import io.tidemill.Extension;
import io.tidemill.broker.NewJob;
import io.tidemill.client.JobHandle;
import io.tidemill.client.SendInterceptor;
import io.tidemill.event.JobEvent;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.QueueListener;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.message.PayloadCodec;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.Unique;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link TestQueue} has seen: what was stored, what ran when, and how it ended.
 *
 * <p>Thread-safe.
 */
final class QueueRecords implements SendInterceptor, RunInterceptor, QueueListener {

    /** Job ids are unique within a queue only. */
    private record Key(String queue, String id) {}

    /** How long a stage may take, in real time. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final PayloadCodec codec = new JsonPayloadCodec();
    private final Map<Key, List<@Nullable Object>> written = new ConcurrentHashMap<>();
    private final Map<Key, List<TestRun.Attempt>> attempts = new ConcurrentHashMap<>();
    private final Map<Key, JobEvent> ends = new ConcurrentHashMap<>();
    private final Queue<EnqueuedJob> enqueued = new ConcurrentLinkedQueue<>();
    private final Queue<QueueEvent> events = new ConcurrentLinkedQueue<>();
    private volatile Clock clock = Clock.system();
    private volatile Map<String, TaskDefinition> definitions = Map.of();

    /** Called once, before the start. */
    void timeBy(Clock value) {
        clock = value;
    }

    /** Reads which tasks there are. */
    Extension extension() {
        return new Extension() {
            @Override
            public void start(Parts parts) {
                definitions = parts.definitions();
            }
        };
    }

    @Override
    public void before(Sending sending) {
        written.put(new Key(sending.queue(), sending.jobId()), sending.arguments());
    }

    /** The broker has stored this job. */
    void stored(String queue, NewJob job) {
        Job record = JobCodec.decode(job.body());
        Key key = new Key(queue, job.id());
        // A job with this id may have ended before.
        ends.remove(key);
        attempts.remove(key);
        List<@Nullable Object> known = written.remove(key);
        Unique unique = job.constraints().unique();
        long now = clock.millis();
        long delay = job.dueMillis() == NewJob.NOW ? job.delayMillis() : Math.max(0, job.dueMillis() - now);
        EnqueuedJob added = new EnqueuedJob(
                job.id(),
                queue,
                record.task(),
                known == null ? read(record) : known,
                Instant.ofEpochMilli(now),
                Duration.ofMillis(delay),
                job.priority(),
                job.constraints().group(),
                unique == null ? null : unique.key(),
                record.headers());
        enqueued.add(added);
    }

    private List<@Nullable Object> read(Job record) {
        TaskDefinition definition = definitions.get(record.task());
        if (definition == null) {
            return List.of();
        }
        try {
            return Arrays.asList(codec.decodeArguments(record.payload(), definition.parameterTypes()));
        } catch (PayloadException e) {
            return List.of();
        }
    }

    @Override
    public @Nullable Object around(Invocation invocation) throws Throwable {
        Instant began = Instant.ofEpochMilli(clock.millis());
        Object value;
        try {
            value = invocation.proceed();
            if (invocation.definition().batch() != null && value instanceof CompletionStage<?> item) {
                // It ends when its batch has run, on this thread.
                return item.whenComplete((any, thrown) -> ran(invocation, began, thrown));
            }
            value = ended(invocation, value);
        } catch (Throwable t) {
            ran(invocation, began, t);
            throw t;
        }
        ran(invocation, began, null);
        return value;
    }

    private void ran(Invocation invocation, Instant began, @Nullable Throwable thrown) {
        Key key = new Key(invocation.context().queue(), invocation.context().jobId());
        attempts.computeIfAbsent(key, each -> new CopyOnWriteArrayList<>())
                .add(new TestRun.Attempt(began, Instant.ofEpochMilli(clock.millis()), thrown));
    }

    /** The time of the queue stands still until the stage of an async task has ended, on whichever thread that is. */
    private static @Nullable Object ended(Invocation invocation, @Nullable Object value) throws Throwable {
        if (!(value instanceof CompletionStage<?> stage)) {
            return value;
        }
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        stage.whenComplete((any, thrown) -> {
            failure.set(thrown);
            end.countDown();
        });
        if (!end.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new TaskSignal.GiveUp(new AssertionError(
                    "the stage of task " + invocation.definition().name() + " did not end within "
                            + PATIENCE.toSeconds() + " s of real time, in which a TestQueue waits for it; let the"
                            + " method, or another thread, complete it"));
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        }
        return value;
    }

    @Override
    public void on(QueueEvent event) {
        events.add(event);
        if (event instanceof JobEvent ended && ended.isEnd()) {
            ends.put(new Key(ended.queue(), ended.jobId()), ended);
        }
    }

    List<EnqueuedJob> enqueued() {
        return List.copyOf(enqueued);
    }

    List<QueueEvent> events() {
        return List.copyOf(events);
    }

    /** How the job ended; null if it has not. */
    @Nullable
    JobEvent end(JobHandle<?> job) {
        return ends.get(new Key(job.queue(), job.id()));
    }

    List<TestRun.Attempt> attempts(JobHandle<?> job) {
        return List.copyOf(attempts.getOrDefault(new Key(job.queue(), job.id()), List.of()));
    }
}
