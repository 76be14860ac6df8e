package io.tidemill.broker;

import java.util.List;

/**
 * What an event says of a job that its publisher did not hold.
 *
 * <p>Immutable, except that {@code beginning} is not copied.
 *
 * @param id the job
 * @param beginning the first bytes of its record as it was stored, at most {@value #MOST}; empty if the broker cannot
 *     read what it keeps of the job
 * @param failures how many runs failed
 * @param lostLeases how many leases on it ended while it was held
 * @param releases how many times it was given back without a failure
 */
public record JobBrief(String id, byte[] beginning, int failures, int lostLeases, int releases) {

    /** Most bytes of a record; the name of the task is among them. */
    public static final int MOST = 256;

    /** The number of its last run; 0 if it was never run. {@link JobSnapshot#attempt} counts alike. */
    public int attempt() {
        return failures + lostLeases + releases;
    }

    /** The ids, in the same order. */
    public static List<String> ids(List<JobBrief> jobs) {
        return jobs.stream().map(JobBrief::id).toList();
    }
}
