/**
 * Micrometer meters and observations of a {@code TaskQueue}, in two extensions that do not need each other:
 * {@link io.tidemill.metrics.MicrometerMetrics} for meters, {@link io.tidemill.metrics.JobObservations} for traces.
 *
 * <p>Read {@link io.tidemill.metrics.QueueMeters} first, the list of all meters; then {@code JobMeters} (what happens
 * to jobs), {@code BrokerMeters} (requests and loops) and {@code QueueDepths} (what waits).
 */
@NullMarked
package io.tidemill.metrics;

import org.jspecify.annotations.NullMarked;
