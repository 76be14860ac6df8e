package io.tidemill.client;

/**
 * What became of many calls.
 *
 * @param stored how many jobs were stored
 * @param duplicates how many were not, because a job with the same id or unique key was there
 */
public record BulkCounts(long stored, long duplicates) {}
