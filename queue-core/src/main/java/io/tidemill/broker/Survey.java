package io.tidemill.broker;

/**
 * What is to be done in a queue right now, as {@link Sweeps#survey} found it.
 *
 * @param ready whether jobs are ready that a claim may bring; a limit may hold them up all the same
 * @param due whether time has brought something: a delayed job is due, a lease has ended, a job has expired, or the
 *     rate of a group lets it go on; also whether a group waits until one of its jobs ends, because
 *     {@link Sweeps#recover} has to look whether that job is still there
 * @param dead whether there are dead jobs
 * @param outbox whether there are messages for other queues, see {@link WorkflowStore#outbox}
 */
public record Survey(boolean ready, boolean due, boolean dead, boolean outbox) {

    /** No messages. */
    public Survey(boolean ready, boolean due, boolean dead) {
        this(ready, due, dead, false);
    }

    /** Nothing to do. */
    public static final Survey NOTHING = new Survey(false, false, false);
}
