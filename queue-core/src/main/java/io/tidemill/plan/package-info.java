/**
 * The compiled form of a workflow: its steps, what each needs and what follows on each, and how that is written as
 * bytes. Knows no broker and runs nothing.
 *
 * <p>Read {@link io.tidemill.plan.PlanStep}, then {@link io.tidemill.plan.Plan} and {@link io.tidemill.plan.PlanCodec}.
 */
@NullMarked
package io.tidemill.plan;

import org.jspecify.annotations.NullMarked;
