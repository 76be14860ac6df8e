/** Calls to services that may be down, behind circuit breakers. */
@NullMarked
package io.tidemill.examples.engreene.outside;

import org.jspecify.annotations.NullMarked;
