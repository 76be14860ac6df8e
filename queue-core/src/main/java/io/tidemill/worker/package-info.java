/**
 * The running half. A run goes this way, in this order of files:
 *
 * <pre>
 * Fetcher          which queue to ask, and when: woken, or by a bounded poll
 *  &gt; Claimer       free slots, then Broker.claim
 *  &gt; LeaseKeeper   makes the runs of a claim, and keeps their lease until all of them are recorded
 *  &gt; QueueConsumer starts each run on a thread of its own
 *  &gt; Runner        job, task, arguments, interceptors, the user's method
 *    &gt; Gatherer    keeps the runs of a batch task until a batch begins; BatchRun runs the method for them
 *  &gt; Outcome       how the run ended, a closed set
 *  &gt; Finisher      the first outcome counts; a result goes to the result backend
 *  &gt; Judge         outcome x policy x counts to Verdict; pure
 *  &gt; Completer     completions in batches, with the next claim
 *  &gt; Broker.complete, fail, release   the wire
 *  &gt; RunReporter   logs, and publishes events, when the broker has answered
 * </pre>
 *
 * <p>{@link io.tidemill.worker.Worker} puts the parts together and stops them in order. {@code Run} is one execution of
 * a job and everything that can happen to it from outside: timeout, cancel, lost lease, shutdown. {@code QueueConsumer}
 * is one queue of the worker: a claimer, a completer and a reporter.
 *
 * <p>Rank 7: imports everything below; never {@code client}.
 */
@NullMarked
package io.tidemill.worker;

import org.jspecify.annotations.NullMarked;
