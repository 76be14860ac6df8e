package io.tidemill.examples.engreene.outside;

/**
 * How a circuit breaker is.
 *
 * @param state {@code CLOSED}: calls are made; {@code OPEN}: none is; {@code HALF_OPEN}: some are, to see
 * @param failures calls that failed, of the last ones that it looks at
 * @param opened how often it has opened
 * @param refused how many calls were not made because it was open
 */
public record BreakerStats(String state, int failures, long opened, long refused) {}
