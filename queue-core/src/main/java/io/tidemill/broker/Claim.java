package io.tidemill.broker;

import org.jspecify.annotations.Nullable;

/**
 * A job that this worker may run now, because it holds a lease on it.
 *
 * <p>Immutable, except that arrays are not copied.
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
 * @param notes what its earlier runs have noted
 * @param claimedAtMillis when it was claimed, by the clock of the broker; 0 if the broker does not know. A later claim
 *     of the same job has no earlier time, as long as that clock is not set back
 */
public record Claim(
        String id,
        String token,
        byte[] body,
        int priority,
        int failures,
        int lostLeases,
        int releases,
        @Nullable String receipt,
        Notes notes,
        long claimedAtMillis) {

    /** A claim of which the broker does not know the time. */
    public Claim(
            String id,
            String token,
            byte[] body,
            int priority,
            int failures,
            int lostLeases,
            int releases,
            @Nullable String receipt,
            Notes notes) {
        this(id, token, body, priority, failures, lostLeases, releases, receipt, notes, 0);
    }

    /** A claim of a job of which nothing was noted. */
    public Claim(
            String id,
            String token,
            byte[] body,
            int priority,
            int failures,
            int lostLeases,
            int releases,
            @Nullable String receipt) {
        this(id, token, body, priority, failures, lostLeases, releases, receipt, Notes.NONE);
    }

    /** A claim without a receipt. */
    public Claim(String id, String token, byte[] body, int priority, int failures, int lostLeases, int releases) {
        this(id, token, body, priority, failures, lostLeases, releases, null);
    }

    /** The same under another token. */
    public Claim under(String value) {
        return new Claim(id, value, body, priority, failures, lostLeases, releases, receipt, notes, claimedAtMillis);
    }

    /** The same, claimed at this time. */
    public Claim claimedAt(long millis) {
        return new Claim(id, token, body, priority, failures, lostLeases, releases, receipt, notes, millis);
    }

    /** The number of this run, from 1: one more than there were failures, ended leases and releases. */
    public int attempt() {
        return failures + lostLeases + releases + 1;
    }
}
