/**
 * Smart batching: {@link io.tidemill.batch.Coalescer} sends what comes alone at once and what comes meanwhile together.
 *
 * <p>Rank 0: imports nothing of ours.
 */
@NullMarked
package io.tidemill.batch;

import org.jspecify.annotations.NullMarked;
