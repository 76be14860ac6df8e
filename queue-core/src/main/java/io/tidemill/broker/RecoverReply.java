package io.tidemill.broker;

import java.util.List;

/**
 * What became of jobs whose leases had ended.
 *
 * @param recovered jobs that are ready again; the lease that ended is counted
 * @param dead jobs whose leases ended too often and that are dead now; the lease that ended is counted
 * @param more whether more leases may have ended than this call looked at; the lists do not say, as cancelled jobs are
 *     in neither
 */
public record RecoverReply(List<JobBrief> recovered, List<JobBrief> dead, boolean more) {

    /** All leases that had ended were looked at. */
    public RecoverReply(List<JobBrief> recovered, List<JobBrief> dead) {
        this(recovered, dead, false);
    }
}
