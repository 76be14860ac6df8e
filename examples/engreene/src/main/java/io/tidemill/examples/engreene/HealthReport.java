package io.tidemill.examples.engreene;

import java.util.List;
import java.util.Map;

/**
 * How the service is.
 *
 * @param healthy whether jobs can be added, and run if this is a worker, and Redis answers
 * @param redis what Redis says to a ping: {@code PONG}, or why it does not answer
 * @param breakers the states of the circuit breakers; one that is open is no fault of this process
 * @param problems what is wrong, a sentence each
 */
public record HealthReport(boolean healthy, String redis, Map<String, String> breakers, List<String> problems) {}
