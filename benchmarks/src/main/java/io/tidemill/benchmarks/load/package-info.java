/** Produces and consumes at a given rate and tells latencies. {@code Load} is the program. */
@NullMarked
package io.tidemill.benchmarks.load;

import org.jspecify.annotations.NullMarked;
