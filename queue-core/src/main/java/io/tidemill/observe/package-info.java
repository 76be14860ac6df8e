/**
 * Publishes events and measurements to those who watch: {@link io.tidemill.observe.Observers} is the one that every
 * part of a queue has.
 *
 * <p>Not exported. Rank 6: imports {@code event} and {@code lifecycle}.
 */
@NullMarked
package io.tidemill.observe;

import org.jspecify.annotations.NullMarked;
