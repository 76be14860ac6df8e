package io.tidemill.client;

import io.tidemill.broker.NewJob;
import io.tidemill.broker.ScheduleStep;
import io.tidemill.task.PayloadException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * A call that was checked and written, and that can be stored later, by this process or by another: what an outbox
 * keeps in a table.
 *
 * <pre>{@code
 * byte[] row = queue.prepare(call(MailTasks::sendEmail, "ada@example.com", "Welcome")).toBytes();
 * // later, perhaps elsewhere
 * queue.enqueue(PreparedJob.fromBytes(row));
 * }</pre>
 *
 * <p>It has its id already. Enqueued twice, it is stored once, as long as the job is known: see {@link Call#id}. But
 * where it reschedules or updates the job that holds its unique key, its own id is not stored, so that it does so again
 * each time that it is enqueued. Enqueued again after a newer call, it would put its older arguments back: give both a
 * {@link io.tidemill.task.Unique#version version}.
 *
 * <p>Its delay and its expiry count from when it was prepared. They are compared with the clock of the process that
 * enqueues it: a job whose delay has passed by then is ready at once, and one that has expired by then ends as expired.
 *
 * <p>Whoever enqueues it needs neither the task nor its class.
 *
 * <p>Immutable and thread-safe.
 */
public final class PreparedJob implements JobRequest<Object> {

    private final String queue;
    private final String task;
    private final NewJob job;
    private final long preparedAtMillis;
    private final @Nullable Type resultType;

    /**
     * A job that is ready to be stored. For those who write clients; others take what {@link TaskClient#prepare} gives.
     *
     * @param queue the queue that it goes to
     * @param task the task's name
     * @param job what is stored; its delay and its expiry count from {@code preparedAtMillis}
     * @param preparedAtMillis when it was made, ms since 1970, by this process's clock
     * @param resultType the declared type of what the task returns; null if it is not known here
     */
    public PreparedJob(String queue, String task, NewJob job, long preparedAtMillis, @Nullable Type resultType) {
        this.queue = queue;
        this.task = task;
        this.job = job;
        this.preparedAtMillis = preparedAtMillis;
        this.resultType = resultType;
    }

    /**
     * The prepared job that {@link #toBytes} wrote.
     *
     * @throws PayloadException if the bytes hold no prepared job, are not complete, or were written by a newer version
     */
    public static PreparedJob fromBytes(byte[] bytes) {
        return PreparedJobCodec.decode(bytes);
    }

    /**
     * The prepared job as bytes, for {@link #fromBytes}. The layout has a version; newer versions read older ones.
     *
     * @throws IllegalStateException if a schedule is to store it: see {@link #withStep}
     */
    public byte[] toBytes() {
        return PreparedJobCodec.encode(this);
    }

    /** The queue that it goes to. */
    public String queue() {
        return queue;
    }

    /** The task's name. */
    @Override
    public String task() {
        return task;
    }

    /** The job's id. */
    public String id() {
        return job.id();
    }

    /** When it was prepared, ms since 1970, by the clock of the process that did. */
    public long preparedAtMillis() {
        return preparedAtMillis;
    }

    /** What a broker is given, except that delay and expiry count from {@link #preparedAtMillis}. */
    public NewJob job() {
        return job;
    }

    /** The declared type of what the task returns; null if it is not known here, as of one that was read from bytes. */
    public @Nullable Type resultType() {
        return resultType;
    }

    /**
     * The same job, stored only together with this step of a schedule: for those who write schedulers. If the schedule
     * has another revision by then, the job's handle is not {@link JobHandle#isNew new} and says
     * {@link io.tidemill.queue.Enqueued#SUPERSEDED}. Its size is not checked again when it is stored: the process that
     * fires a schedule may have a smaller limit than the one that made it.
     */
    public PreparedJob withStep(ScheduleStep step) {
        NewJob stepping = job.with(job.constraints().withStep(step));
        return new PreparedJob(queue, task, stepping, preparedAtMillis, resultType);
    }

    @Override
    public String toString() {
        return "prepared job " + id() + " of task " + task + " for queue " + queue;
    }
}
