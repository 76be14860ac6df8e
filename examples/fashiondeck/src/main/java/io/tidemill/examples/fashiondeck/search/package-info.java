/** Search by words, answered from vectors and the cache. */
@NullMarked
package io.tidemill.examples.fashiondeck.search;

import org.jspecify.annotations.NullMarked;
