/**
 * One rule for everything that is asynchronous: a method that gives a future never throws, and a step of a loop that
 * throws does not keep the other steps from their turn. {@link io.tidemill.async.Safely} is the one helper for it.
 * {@link io.tidemill.async.PerQueue} keeps what there is one of for each queue, and forgets what is idle.
 *
 * <p>{@link io.tidemill.async.Answers} waits for answers on behalf of callers that want values.
 *
 * <p>Not exported. Rank 2: imports {@code task} and {@code text}.
 */
@NullMarked
package io.tidemill.async;

import org.jspecify.annotations.NullMarked;
