/**
 * The slow loops that any node may run, and that every worker does: {@link io.tidemill.maintenance.Maintenance} brings
 * due jobs and jobs of crashed workers back. No leader is needed, since each step is safe to do twice.
 * {@link io.tidemill.maintenance.HistoryWriter} runs in every process, and adds what it counted to the history of each
 * queue.
 *
 * <p>Rank 7: imports everything below; neither {@code client} nor {@code worker}.
 */
@NullMarked
package io.tidemill.maintenance;

import org.jspecify.annotations.NullMarked;
