/** How the cost of a job depends on how many wait. {@code Scale} is the program. */
@NullMarked
package io.tidemill.benchmarks.scale;

import org.jspecify.annotations.NullMarked;
