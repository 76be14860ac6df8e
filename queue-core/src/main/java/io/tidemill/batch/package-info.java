/**
 * Smart batching: {@link io.tidemill.batch.Coalescer} sends what comes alone at once and what comes meanwhile together.
 *
 * <p>Imports {@code async}.
 */
@NullMarked
package io.tidemill.batch;

import org.jspecify.annotations.NullMarked;
