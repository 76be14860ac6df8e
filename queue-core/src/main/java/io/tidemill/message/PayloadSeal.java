package io.tidemill.message;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Encrypts what users put into jobs, so that whoever can read the broker, or a page of it, sees none of it: arguments,
 * results, failures, and what runs record. Names, ids, headers, groups, unique keys and times are not sealed: the
 * broker works with them.
 *
 * <p>Give the same seal to all processes that enqueue, run or await the jobs. Bytes that are not sealed are read as
 * well, so that jobs from before a seal was introduced still run, unless {@code TaskQueueBuilder.acceptUnsealed(false)}
 * refuses them; a process without a seal leaves sealed jobs for others.
 *
 * <p>Implementations must be thread-safe. What they throw refuses a call that is enqueued. In a worker it depends: a
 * {@link MissingKeyException} leaves the job for others; a {@link io.tidemill.task.PayloadException} says that no
 * worker can ever do it, so the job is dead; anything else that {@link #open} throws, as when a vault is away, is a
 * failure of the run, which is tried again. A result that cannot be sealed makes the job dead: another run would do the
 * work twice.
 */
public interface PayloadSeal {

    /** What bytes are. More kinds may be added: bind them into the sealed bytes, and do not decide by them. */
    enum Kind {
        /** The arguments of a call. */
        ARGUMENTS,
        /** What a task returned. */
        RESULT,
        /** What went wrong: type, message and stack of an exception. */
        FAILURE,
        /** What a durable step returned. */
        STEP,
        /** How far a run has got, for the next run. */
        CHECKPOINT,
        /** How far a run has got, for people: its message and its log. */
        PROGRESS,
        /** Arguments and values of steps of a workflow: in its plan, in records of its jobs, between steps. */
        WORKFLOW
    }

    /**
     * Seals bytes.
     *
     * @param clear what nobody else is to read; not to be changed
     * @param place where they belong: bind it into the sealed bytes, so that they cannot be read in another place
     */
    byte[] seal(byte[] clear, Place place);

    /**
     * Opens sealed bytes.
     *
     * @param place what they were sealed with
     * @throws MissingKeyException if the key is not here, or cannot be had now
     * @throws io.tidemill.task.PayloadException if they were changed, or were sealed for another place
     */
    byte[] open(byte[] sealed, Place place);

    /**
     * Whether what it seals can still be read, since it only protects from changes. What {@link #seal} gives must then
     * be the clear bytes, a line feed, and one line of its own. Pages show the clear bytes. Default false.
     */
    default boolean isReadable() {
        return false;
    }

    /**
     * Where bytes belong.
     *
     * @param kind what they are
     * @param queue the queue of the job
     * @param task the name of its task; {@code "?"} for a failure of a job that could not be read
     * @param job the id of the job
     */
    record Place(Kind kind, String queue, String task, String job) {

        /**
         * The four of them as bytes, which are different for every other place: what authenticated encryption takes.
         */
        public byte[] associatedData() {
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            for (String part : new String[] {kind.name(), queue, task, job}) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                data.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
                data.writeBytes(bytes);
            }
            return data.toByteArray();
        }
    }
}
