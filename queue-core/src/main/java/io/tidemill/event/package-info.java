/**
 * What happened, for those who listen in this process: metrics, logs, tests. {@link io.tidemill.event.QueueEvent} is
 * the closed list; {@link io.tidemill.event.Probe} receives measurements.
 *
 * <p>Rank 5: imports {@code message}.
 */
@NullMarked
package io.tidemill.event;

import org.jspecify.annotations.NullMarked;
