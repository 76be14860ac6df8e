/** Vectors of products, computed in batches. */
@NullMarked
package io.tidemill.examples.fashiondeck.embeddings;

import org.jspecify.annotations.NullMarked;
