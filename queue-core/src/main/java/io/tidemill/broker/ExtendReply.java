package io.tidemill.broker;

import java.util.Set;

/**
 * What became of a lease that was to be extended.
 *
 * @param alive whether the lease still stood and now lasts longer; false if it had ended, and its jobs are lost to it
 * @param cancelled jobs under the lease that somebody asked to cancel
 */
public record ExtendReply(boolean alive, Set<String> cancelled) {

    /** Extended, nothing cancelled. */
    public static final ExtendReply ALIVE = new ExtendReply(true, Set.of());

    /** The lease had ended. */
    public static final ExtendReply ENDED = new ExtendReply(false, Set.of());
}
