/**
 * The running half. A run goes this way, in this order of files:
 *
 * <pre>
 * Fetcher          which lanes to ask, and when: woken, or by a bounded poll
 *  &gt; Lane          one per queue: free slots, then Broker.claim or, under load, Broker.complete with the next claim
 *  &gt; LeaseKeeper   keeps the lease alive until every job under it is settled
 *  &gt; Runner        decode, context, deadline, the user's method
 *  &gt; Outcome       how the run ended, a closed set
 *  &gt; Judge         outcome x policy x attempt to Completion; pure
 *  &gt; Lane          completions in batches
 *  &gt; Broker.complete, fail, release   the wire
 *  &lt; QueueEvent    what is recorded by now
 * </pre>
 *
 * <p>{@link io.tidemill.worker.Worker} puts the parts together and takes them down in order. {@code Attempt} is one run
 * and everything that can happen to it from outside: timeout, cancel, lost lease, shutdown.
 *
 * <p>Rank 7: imports everything below; never {@code client}.
 */
@NullMarked
package io.tidemill.worker;

import org.jspecify.annotations.NullMarked;
