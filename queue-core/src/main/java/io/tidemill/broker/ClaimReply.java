package io.tidemill.broker;

import java.util.List;

/**
 * What a claim brought.
 *
 * @param claims the jobs, first to run first; at most as many as asked for
 * @param moreInMillis how long until another claim can bring more, in ms: 0 if jobs that may run were left behind,
 *     otherwise the time until the next delayed job is due or a rate allows the next start; {@link #NOTHING_MORE} if
 *     time alone brings nothing. It may be sooner than that while jobs stand in the lines that have been cancelled or
 *     have expired, and is 0 for a token that was taken before, since nobody looked
 * @param expired jobs that it came across and that had not started in time: they have ended. A request that is sent
 *     again does not name them again
 */
public record ClaimReply(List<Claim> claims, long moreInMillis, List<JobBrief> expired) {

    /** Nothing waits and nothing is delayed. */
    public static final long NOTHING_MORE = -1;

    /** Nothing to run now or later. */
    public static final ClaimReply EMPTY = new ClaimReply(List.of(), NOTHING_MORE);

    /** What a claim brought that came across no expired job. */
    public ClaimReply(List<Claim> claims, long moreInMillis) {
        this(claims, moreInMillis, List.of());
    }
}
