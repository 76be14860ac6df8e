/** Whether anything grows under full load. {@code Soak} is the program. */
@NullMarked
package io.tidemill.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
