package io.tidemill.broker;

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
 */
public record Inspection(JobSnapshot job, @Nullable String token, long leaseEndsMillis, boolean isPaused, int ahead) {

    /** Further than this nobody counts. */
    public static final int MOST_AHEAD = 1000;
}
