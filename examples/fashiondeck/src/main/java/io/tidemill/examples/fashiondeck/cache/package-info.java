/** The cache: what is kept for how long, and how often it answered. */
@NullMarked
package io.tidemill.examples.fashiondeck.cache;

import org.jspecify.annotations.NullMarked;
