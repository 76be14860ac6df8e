/**
 * What happened, told to whoever listens in this process: metrics, logs, tests. {@link io.tidemill.event.QueueEvent} is
 * the closed list.
 *
 * <p>Rank 5: imports {@code task}.
 */
@NullMarked
package io.tidemill.event;

import org.jspecify.annotations.NullMarked;
