package io.tidemill.broker;

/**
 * Asks for jobs to run, under one new lease.
 *
 * @param worker the worker's id, unique per process start; used to wake it
 * @param token the lease's token, made by the worker and never used before. A worker begins it with its id and a colon,
 *     so that operators see whose it is. The same request may be sent again: it answers with what the token holds, in
 *     the order of the ids
 * @param limit most jobs to claim, 1 to 1,000
 * @param leaseMillis how long the lease lasts unless it is extended, in ms
 */
public record ClaimRequest(String worker, String token, int limit, long leaseMillis) {}
