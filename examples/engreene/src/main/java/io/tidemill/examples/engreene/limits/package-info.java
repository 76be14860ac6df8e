/** Limits on how often a user may do something. */
@NullMarked
package io.tidemill.examples.engreene.limits;

import org.jspecify.annotations.NullMarked;
