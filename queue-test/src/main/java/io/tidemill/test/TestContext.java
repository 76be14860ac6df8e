package io.tidemill.test;

import io.tidemill.broker.Notes;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.queue.JobProgress;
import io.tidemill.record.Payloads;
import io.tidemill.record.Progress;
import io.tidemill.record.ReportedProgress;
import io.tidemill.record.RunSteps;
import io.tidemill.task.BrokerException;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.TypeRef;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A context for calling a task method in a unit test, without a queue. Begin with {@link #of} and change what matters:
 *
 * <pre>{@code
 * Receipt receipt = TaskContext.callWith(TestContext.of("job-1").withAttempt(2), () -> tasks.sendEmail("ada", "Hi"));
 * }</pre>
 *
 * <p>Steps, sleeps and checkpoints are recorded in memory, for this context and for all that are made of it: call the
 * task again with {@link #withAttempt} to see what its next run does. A sleep that was recorded is over then.
 *
 * <p>Immutable but for what is recorded; to be used by one thread at a time.
 */
public final class TestContext implements TaskContext {

    private final String jobId;
    private final String task;
    private final String queue;
    private final int attempt;
    private final Map<String, String> headers;
    private final boolean isCancelled;
    private final boolean isLeaseValid;
    private final Recorded recorded;
    private @Nullable RunSteps steps;

    private TestContext(
            String jobId,
            String task,
            String queue,
            int attempt,
            Map<String, String> headers,
            boolean isCancelled,
            boolean isLeaseValid,
            Recorded recorded) {
        this.jobId = jobId;
        this.task = task;
        this.queue = queue;
        this.attempt = attempt;
        this.headers = Map.copyOf(headers);
        this.isCancelled = isCancelled;
        this.isLeaseValid = isLeaseValid;
        this.recorded = recorded;
    }

    /** The first run of a job: task and queue "test", no headers, not cancelled, lease valid. */
    public static TestContext of(String jobId) {
        PrintableText.check("job id", jobId);
        return new TestContext(jobId, "test", "test", 1, Map.of(), false, true, new Recorded());
    }

    /** The same run of another task. */
    public TestContext withTask(String name) {
        Names.check("task name", name);
        return new TestContext(jobId, name, queue, attempt, headers, isCancelled, isLeaseValid, recorded);
    }

    /** The same run of a job from another queue. */
    public TestContext withQueue(String name) {
        Names.check("queue name", name);
        return new TestContext(jobId, task, name, attempt, headers, isCancelled, isLeaseValid, recorded);
    }

    /**
     * The same run with another number.
     *
     * @param number 1 or more
     */
    public TestContext withAttempt(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("the attempt must be 1 or more, got " + number);
        }
        return new TestContext(jobId, task, queue, number, headers, isCancelled, isLeaseValid, recorded);
    }

    /** The same run with one header more. */
    public TestContext withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(
                Objects.requireNonNull(name, "name must not be null"),
                Objects.requireNonNull(value, "value must not be null"));
        return new TestContext(jobId, task, queue, attempt, more, isCancelled, isLeaseValid, recorded);
    }

    /** The same run, after somebody asked for its job to be cancelled. */
    public TestContext cancelled() {
        return new TestContext(jobId, task, queue, attempt, headers, true, isLeaseValid, recorded);
    }

    /** The same run, after its lease ended. */
    public TestContext withoutLease() {
        return new TestContext(jobId, task, queue, attempt, headers, isCancelled, false, recorded);
    }

    /** What the runs of a job have recorded. */
    private static final class Recorded implements RunSteps.Journal {

        private long number;
        private byte[] bytes = {};
        private Progress progress = Progress.none(0);

        @Override
        public int maxBytes() {
            return Notes.MAX_BYTES;
        }

        @Override
        public void check() {}

        @Override
        public boolean write(long newNumber, int stays, byte[] more) {
            byte[] changed = Arrays.copyOf(bytes, stays + more.length);
            System.arraycopy(more, 0, changed, stays, more.length);
            number = newNumber;
            bytes = changed;
            return true;
        }
    }

    /** What the runs so far have said of their progress, and the log of the job. */
    public JobProgress reported() {
        return new ReportedProgress(recorded.progress);
    }

    @Override
    public void progress(int percent, String message) {
        recorded.progress = recorded.progress.inRun(attempt).at(0, percent, message);
    }

    @Override
    public void log(String line) {
        recorded.progress = recorded.progress.inRun(attempt).with(0, line);
    }

    private RunSteps steps() {
        if (!isLeaseValid) {
            throw new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "nothing more is recorded of job " + jobId + " by this run: its lease has ended",
                    null);
        }
        RunSteps known = steps;
        if (known == null) {
            known = new RunSteps(
                    new Payloads(new JsonPayloadCodec(), null),
                    new RunSteps.Owner(queue, task, jobId),
                    recorded.number,
                    recorded.bytes,
                    recorded);
            steps = known;
        }
        return known;
    }

    @Override
    public <R extends @Nullable Object, X extends Exception> R step(String name, Class<R> type, StepBody<R, X> body)
            throws X {
        return steps().step(name, Objects.requireNonNull(type, "type"), body);
    }

    @Override
    public <R extends @Nullable Object, X extends Exception> R step(String name, TypeRef<R> type, StepBody<R, X> body)
            throws X {
        return steps().step(name, type.type(), body);
    }

    @Override
    public <X extends Exception> void step(String name, StepAction<X> body) throws X {
        steps().step(name, body);
    }

    @Override
    public void checkpoint(Object cursor) {
        steps().checkpoint(Objects.requireNonNull(cursor, "cursor"));
    }

    @Override
    public <C> Optional<C> lastCheckpoint(Class<C> type) {
        return steps().lastCheckpoint(type);
    }

    @Override
    public void sleep(String name, Duration duration) {
        long millis = Durations.check("sleep", duration).toMillis();
        long before = recorded.number;
        steps().sleep(name, 0);
        if (recorded.number > before && millis > 0) {
            throw new TaskSignal.Snooze(Duration.ofMillis(millis));
        }
    }

    @Override
    public String jobId() {
        return jobId;
    }

    @Override
    public String task() {
        return task;
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public boolean isCancelled() {
        return isCancelled;
    }

    @Override
    public boolean isLeaseValid() {
        return isLeaseValid;
    }
}
