package io.tidemill.admin;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Some jobs of one state.
 *
 * <p>Immutable. Made by {@link QueueAdmin}.
 */
public final class JobPage {

    private final List<JobInfo> jobs;
    private final boolean hasMore;

    JobPage(List<JobInfo> jobs, boolean hasMore) {
        this.jobs = jobs;
        this.hasMore = hasMore;
    }

    /** The jobs; may be fewer than asked for although there are more, where some ended while they waited. */
    public List<JobInfo> jobs() {
        return jobs;
    }

    /** Whether there are jobs behind this page. */
    public boolean hasMore() {
        return hasMore;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JobPage that && jobs.equals(that.jobs) && hasMore == that.hasMore;
    }

    @Override
    public int hashCode() {
        return Objects.hash(jobs, hasMore);
    }

    @Override
    public String toString() {
        return "JobPage[jobs=" + jobs + ", hasMore=" + hasMore + "]";
    }
}
