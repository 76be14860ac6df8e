package io.tidemill.admin;

import java.util.List;

/**
 * Some jobs of one state.
 *
 * @param jobs the jobs; may be fewer than asked for although there are more, where some ended while they waited
 * @param hasMore whether there are jobs behind this page
 */
public record JobPage(List<JobInfo> jobs, boolean hasMore) {}
