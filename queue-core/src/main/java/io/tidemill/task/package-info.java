/**
 * The vocabulary: what a user declares and names. {@link io.tidemill.task.Task} marks a method,
 * {@link io.tidemill.task.TaskDefinition} is that mark read once, {@link io.tidemill.task.JobState} says where a job
 * can be, {@link io.tidemill.task.RetryPolicy} when it is tried again, {@link io.tidemill.task.TaskContext} what
 * running code may ask.
 *
 * <p>Rank 1: imports {@code text}.
 */
@NullMarked
package io.tidemill.task;

import org.jspecify.annotations.NullMarked;
