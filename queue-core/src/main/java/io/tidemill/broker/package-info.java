/**
 * The port between the two sides of a queue and the place where jobs are kept. {@link io.tidemill.broker.Broker} is the
 * door: one method per hop, and each hop has the same name everywhere, from the Java method over the Lua file to the
 * chapter in {@code docs/redis-protocol.md}.
 *
 * <p>A broker sees ids, priorities, times and opaque bytes. What task it is and what the bytes mean is not its
 * business.
 *
 * <p>Read in this order: {@code Broker}, {@code NewJob}, {@code ClaimRequest}, {@code Claim}, {@code Completion},
 * {@code JobSnapshot}.
 *
 * <p>Rank 6: imports {@code task} and {@code queue}.
 */
@NullMarked
package io.tidemill.broker;

import org.jspecify.annotations.NullMarked;
