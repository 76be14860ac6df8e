/** What it costs to be measured. {@code Overhead} is the program. */
@NullMarked
package io.tidemill.benchmarks.overhead;

import org.jspecify.annotations.NullMarked;
