/**
 * The running half of workflows: makes jobs of the steps of a plan, says what follows on a step that has succeeded, and
 * carries messages from queue to queue.
 *
 * <p>Read {@link io.tidemill.flow.StepJobs}, {@link io.tidemill.flow.StepRun}, then {@link io.tidemill.flow.Post}.
 */
@NullMarked
package io.tidemill.flow;

import org.jspecify.annotations.NullMarked;
