/**
 * One rule for everything that is asynchronous: a method that gives a future never throws, and a step of a loop that
 * throws does not keep the other steps from their turn. {@link io.tidemill.async.Safely} is the one helper for it.
 *
 * <p>Rank 0: imports nothing of ours.
 */
@NullMarked
package io.tidemill.async;

import org.jspecify.annotations.NullMarked;
