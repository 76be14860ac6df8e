/**
 * How things run and stop: {@link io.tidemill.lifecycle.Service} is the one contract for everything that has a start
 * and an end, {@link io.tidemill.lifecycle.Loop} is a named thread that repeats a step and cannot die,
 * {@link io.tidemill.lifecycle.Threads} runs user code.
 *
 * <p>Rank 4: imports {@code time}.
 */
@NullMarked
package io.tidemill.lifecycle;

import org.jspecify.annotations.NullMarked;
