package io.tidemill.broker;

/**
 * What a purge took out.
 *
 * @param removed how many jobs
 * @param hasMore whether there are more of them
 */
public record PurgeReply(int removed, boolean hasMore) {}
