package io.tidemill.examples.fashiondeck.analytics;

/**
 * One search.
 *
 * @param query its text, in lower case
 * @param results how many products it found
 * @param cached whether the cache had the answer
 * @param micros how long it took, in microseconds
 */
public record QueryRecord(String query, int results, boolean cached, long micros) {}
