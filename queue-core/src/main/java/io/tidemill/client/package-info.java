/**
 * The sending half. A call goes this way, top to bottom:
 *
 * <pre>
 * TaskClient.enqueue     what the user writes
 *  &gt; TaskReferences      which task a method reference names
 *  &gt; JobWriter           arguments to bytes, size checked; the job's record
 *  &gt; Sender              one Coalescer per queue: alone at once, under load together
 *  &gt; Broker.enqueue      the wire
 *  &lt; QueueEvent          Enqueued, or Duplicate
 *  &lt; JobHandle           the caller's
 * </pre>
 *
 * <p>The way back is {@code JobHandle.await} over {@code Awaiter} and {@code Broker.find}.
 *
 * <p>Rank 7: imports everything below; never {@code worker}.
 */
@NullMarked
package io.tidemill.client;

import org.jspecify.annotations.NullMarked;
