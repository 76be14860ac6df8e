/** Times every script at its largest batch on a large queue. {@code Scripts} is the program. */
@NullMarked
package io.tidemill.benchmarks.scripts;

import org.jspecify.annotations.NullMarked;
