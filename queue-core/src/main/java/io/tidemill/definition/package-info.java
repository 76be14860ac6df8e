/**
 * Reads the declarations of tasks: {@link io.tidemill.definition.TaskDefinitions} turns annotated methods into
 * {@link io.tidemill.task.TaskDefinition}s, or says what is wrong with them.
 *
 * <p>Not exported. Rank 2: imports {@code task} and {@code text}.
 */
@NullMarked
package io.tidemill.definition;

import org.jspecify.annotations.NullMarked;
