/** What customers who bought one thing bought as well. */
@NullMarked
package io.tidemill.examples.ecoeaze.recommendations;

import org.jspecify.annotations.NullMarked;
