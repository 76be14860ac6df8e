/**
 * Faults on purpose, and a judge of what came of them.
 *
 * <p>{@link io.tidemill.conformance.fault.FaultProxy} stands between a client and Redis and loses, delays or repeats
 * what passes, as a {@link io.tidemill.conformance.fault.FaultPlan} says.
 * {@link io.tidemill.conformance.fault.JournalingBroker} writes down what a process asked of its broker and what it was
 * answered, in a {@link io.tidemill.conformance.fault.Journal} that outlives the process;
 * {@link io.tidemill.conformance.fault.HistoryChecker} reads the journals of all processes and says whether every
 * promise was kept.
 */
@NullMarked
package io.tidemill.conformance.fault;

import org.jspecify.annotations.NullMarked;
