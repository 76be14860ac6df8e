/** What queues cost in which nothing happens. {@code Idle} is the program. */
@NullMarked
package io.tidemill.benchmarks.idle;

import org.jspecify.annotations.NullMarked;
