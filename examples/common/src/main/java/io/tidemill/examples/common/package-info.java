/** What the demos of all systems have in common: their frame, the log of their jobs, and the checks at the end. */
@NullMarked
package io.tidemill.examples.common;

import org.jspecify.annotations.NullMarked;
