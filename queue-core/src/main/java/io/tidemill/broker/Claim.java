package io.tidemill.broker;

import org.jspecify.annotations.Nullable;

/**
 * A job that this worker may run now, because it holds a lease on it.
 *
 * <p>Immutable, except that {@code body} is not copied.
 *
 * @param id the job
 * @param token the lease that it is held under
 * @param body its record, as it was stored
 * @param priority 0 to 9
 * @param failures how many runs failed
 * @param lostLeases how many leases on it ended while it was held
 * @param releases how many times it was given back without a failure
 * @param receipt what its completion carries back, so that the broker need not look it up; opaque to all others. Null
 *     if the broker needs nothing
 */
public record Claim(
        String id,
        String token,
        byte[] body,
        int priority,
        int failures,
        int lostLeases,
        int releases,
        @Nullable String receipt) {

    /** A claim without a receipt. */
    public Claim(String id, String token, byte[] body, int priority, int failures, int lostLeases, int releases) {
        this(id, token, body, priority, failures, lostLeases, releases, null);
    }

    /** The number of this run, from 1: one more than there were failures, ended leases and releases. */
    public int attempt() {
        return failures + lostLeases + releases + 1;
    }
}
