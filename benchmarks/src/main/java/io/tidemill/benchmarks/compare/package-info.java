/** Tidemill beside its peers on the same Redis, in one run. {@code Compare} is the program. */
@NullMarked
package io.tidemill.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
