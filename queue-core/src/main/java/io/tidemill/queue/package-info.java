/**
 * What is known and what is set of one queue: how many jobs are in which state, what limits it, the outcome of a
 * request to cancel. Values that users and brokers share.
 *
 * <p>Rank 1: imports {@code text}.
 */
@NullMarked
package io.tidemill.queue;

import org.jspecify.annotations.NullMarked;
