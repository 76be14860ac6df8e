package io.tidemill.broker;

import java.util.List;

/**
 * What a claim brought.
 *
 * @param claims the jobs, first to run first; at most as many as asked for
 * @param nextDueMillis how long until the next delayed job is due, in ms; {@link #NONE_DUE} if none is known
 */
public record ClaimReply(List<Claim> claims, long nextDueMillis) {

    /** No delayed job is known. */
    public static final long NONE_DUE = -1;

    /** Nothing to run, nothing due. */
    public static final ClaimReply EMPTY = new ClaimReply(List.of(), NONE_DUE);
}
