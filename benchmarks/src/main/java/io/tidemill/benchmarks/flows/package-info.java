/** What jobs cost in a workflow, beside the same jobs alone. {@code Flows} is the program. */
@NullMarked
package io.tidemill.benchmarks.flows;

import org.jspecify.annotations.NullMarked;
