/**
 * Workflows: jobs that follow one another, typed from step to step. A definition is written with
 * {@link io.tidemill.workflow.Workflow#chain}, {@link io.tidemill.workflow.Workflow#group} or
 * {@link io.tidemill.workflow.Workflow#workflow}, started by a {@link io.tidemill.workflow.WorkflowClient}, and looked
 * at through a {@link io.tidemill.workflow.WorkflowHandle}.
 *
 * <p>To read the code: {@link io.tidemill.workflow.Workflow}, {@link io.tidemill.workflow.WorkflowBuilder}, then
 * {@code StepDefinition}, {@code Planner} and {@link io.tidemill.workflow.Workflows}.
 */
@NullMarked
package io.tidemill.workflow;

import org.jspecify.annotations.NullMarked;
