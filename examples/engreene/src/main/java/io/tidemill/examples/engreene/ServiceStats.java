package io.tidemill.examples.engreene;

import io.tidemill.examples.engreene.cache.CacheStats;
import io.tidemill.examples.engreene.jobs.JobStats;
import io.tidemill.examples.engreene.outside.BreakerStats;
import io.tidemill.examples.engreene.sessions.SessionStats;
import java.util.Map;

/**
 * What the service has and does.
 *
 * @param jobs jobs by state
 * @param sessions sessions, and what this process did with them
 * @param cache what the cache of this process did
 * @param breakers the circuit breakers of this process, by service
 * @param redisKeys how many keys Redis has
 * @param redisMemory how much memory Redis uses, as it says it; of a cluster that of one node
 */
public record ServiceStats(
        JobStats jobs,
        SessionStats sessions,
        CacheStats cache,
        Map<String, BreakerStats> breakers,
        long redisKeys,
        String redisMemory) {}
