/**
 * How a call is sent. It goes this way, top to bottom:
 *
 * <pre>
 * TaskClient.enqueue     what the user writes
 *  &gt; Sender              the {@code TaskClient} of a queue
 *  &gt; JobWriter           arguments to bytes, size checked; the job's record
 *  &gt; Coalescer           one per queue: a job alone goes at once, jobs under load go together
 *  &gt; Broker.enqueue      the wire
 *  &lt; QueueEvent          Enqueued, or Duplicate
 *  &lt; BrokerJobHandle     the caller's {@code JobHandle}
 * </pre>
 *
 * <p>{@code enqueueAll} takes {@code Bulk} in place of the coalescer. The way back is {@code JobHandle.await} over
 * {@code Awaiter} and {@code LookUp.find}.
 *
 * <p>Rank 8: imports {@code client} and everything below; never {@code worker}.
 */
@NullMarked
package io.tidemill.send;

import org.jspecify.annotations.NullMarked;
