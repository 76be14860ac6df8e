package io.tidemill.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job and what decides when it runs, all as of one moment.
 *
 * @param job the job
 * @param token the lease that holds it; null if it is not active, or held by none of the 1,000 leases that end first
 * @param leaseEndsMillis when that lease ends unless it is extended, ms since 1970 by the broker's clock; 0 without one
 * @param isPaused whether its queue is paused
 * @param ahead how many jobs run before it if it is ready, 0 to {@value #MOST_AHEAD}; so many means that many or more.
 *     Jobs cancelled or deleted while they were ready may be among them
 * @param heldUp the limit that no job like it may pass just now, if it is ready; null if there is none
 * @param waits the places that are to be filled before it runs; null if it waits for none
 */
public record Inspection(
        JobSnapshot job,
        @Nullable String token,
        long leaseEndsMillis,
        boolean isPaused,
        int ahead,
        @Nullable HeldUp heldUp,
        @Nullable Waits waits) {

    /** A job that waits for no other. */
    public Inspection(
            JobSnapshot job,
            @Nullable String token,
            long leaseEndsMillis,
            boolean isPaused,
            int ahead,
            @Nullable HeldUp heldUp) {
        this(job, token, leaseEndsMillis, isPaused, ahead, heldUp, null);
    }

    /**
     * A limit that is reached.
     *
     * @param group the group that it limits; null if it limits the queue as a whole
     * @param untilMillis when its rate lets the next job start, or the job that is before this one is due, ms since
     *     1970 by the broker's clock; 0 if a running job has to end first
     * @param before the job that waits for its time and that none may overtake, see
     *     {@link io.tidemill.queue.Limit#inOrder}; null if there is none
     */
    public record HeldUp(
            @Nullable String group,
            long untilMillis,
            @Nullable String before) {

        /** A limit that no job which waits for its time has reached. */
        public HeldUp(@Nullable String group, long untilMillis) {
            this(group, untilMillis, null);
        }
    }

    /**
     * The places of a job.
     *
     * @param places how many there are; {@link WorkflowJob#UNKNOWN} if nobody has said it
     * @param filled how many have a value or are skipped
     * @param empty the first {@value #MOST_EMPTY} of those that have none, of the first {@value Broker#MAX_BATCH}
     */
    public record Waits(int places, int filled, List<Integer> empty) {

        /** More empty places are not named. */
        public static final int MOST_EMPTY = 10;
    }

    /** Further than this nobody counts. */
    public static final int MOST_AHEAD = 1000;
}
