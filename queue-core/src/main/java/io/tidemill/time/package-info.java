/**
 * The only source of time: {@link io.tidemill.time.Clock} tells it, {@link io.tidemill.time.Alarm} waits for it.
 * Everything that looks at a clock or waits takes a {@code Clock}, so tests move time by hand and never sleep.
 *
 * <p>Rank 0: imports nothing of ours.
 */
@NullMarked
package io.tidemill.time;

import org.jspecify.annotations.NullMarked;
