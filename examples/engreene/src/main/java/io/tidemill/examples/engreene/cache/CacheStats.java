package io.tidemill.examples.engreene.cache;

/**
 * What the cache of this process has done since it started.
 *
 * @param localHits look-ups answered from the process
 * @param redisHits look-ups answered from Redis
 * @param misses look-ups without an answer
 * @param writes entries that were written
 * @param invalidations tags and keys that were made invalid
 */
public record CacheStats(long localHits, long redisHits, long misses, long writes, long invalidations) {

    /** The share of look-ups that had an answer, 0 to 1; 0 before the first. */
    public double hitRatio() {
        long all = localHits + redisHits + misses;
        return all == 0 ? 0 : (double) (localHits + redisHits) / all;
    }
}
