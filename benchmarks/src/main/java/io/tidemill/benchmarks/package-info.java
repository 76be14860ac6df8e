/**
 * Measures Tidemill: {@code jmh} in the small, {@code load} under load, {@code compare} side by side with its peers.
 */
@NullMarked
package io.tidemill.benchmarks;

import org.jspecify.annotations.NullMarked;
