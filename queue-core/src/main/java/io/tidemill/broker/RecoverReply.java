package io.tidemill.broker;

import java.util.List;

/**
 * What became of jobs whose leases had ended.
 *
 * @param recovered jobs that are ready again
 * @param dead jobs whose leases ended too often and that are dead now
 */
public record RecoverReply(List<String> recovered, List<String> dead) {}
