package io.tidemill.examples.engreene.sessions;

/**
 * How many sessions there are, and what this process has done with sessions since it started.
 *
 * @param active sessions that have not ended, in all processes
 * @param expired sessions that have ended and whose clean-up is due
 * @param created sessions that were created here
 * @param validated look-ups that found one
 * @param refused look-ups that found none
 * @param displaced sessions that ended since their user had too many
 */
public record SessionStats(long active, long expired, long created, long validated, long refused, long displaced) {}
