package io.tidemill.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the success of a job of a workflow brings, in the step that records it: jobs of the same queue that are stored,
 * and places of jobs that are filled. Places of jobs in other queues are filled later: until then the queue keeps an
 * {@link OutboxMessage}.
 *
 * <p>A job whose id is known is left out. Under a lease that does not hold the job, and if the workflow was stopped in
 * the queue of the job, nothing of it is done.
 *
 * <p>Immutable, except that bytes are not copied.
 *
 * @param jobs 0 to {@value #MAX_JOBS}, for the queue of the run
 * @param fills 0 to {@value #MAX_FILLS}, in any queues
 * @param end the end of the workflow of the job, if it has succeeded with it; null otherwise. If its home is another
 *     queue, it is written later, as places there are filled later
 */
public record Followers(
        List<WorkflowJob> jobs, List<Fill> fills, @Nullable WorkflowEnd end) {

    /** Most jobs that one completion stores. */
    public static final int MAX_JOBS = 64;

    /** Most places that one completion fills. */
    public static final int MAX_FILLS = 1_000;

    /** Most bytes of one completion, in bodies and values together. */
    public static final int MAX_BYTES = 4 << 20;

    /** Nothing. */
    public static final Followers NONE = new Followers(List.of(), List.of(), null);

    /** Checks the numbers. */
    public Followers {
        jobs = List.copyOf(jobs);
        fills = List.copyOf(fills);
        check("jobs", jobs.size(), MAX_JOBS);
        check("fills", fills.size(), MAX_FILLS);
        check("bytes", bytesOf(jobs, fills, end), MAX_BYTES);
    }

    /** The workflow does not end with it. */
    public Followers(List<WorkflowJob> jobs, List<Fill> fills) {
        this(jobs, fills, null);
    }

    /** How many jobs and places, and the end of the workflow. */
    public int size() {
        return jobs.size() + fills.size() + (end == null ? 0 : 1);
    }

    /** How many bytes, in bodies and values together. */
    public int bytes() {
        return (int) bytesOf(jobs, fills, end);
    }

    private static long bytesOf(List<WorkflowJob> jobs, List<Fill> fills, @Nullable WorkflowEnd end) {
        long bytes = end == null ? 0 : end.outcome().length;
        for (WorkflowJob job : jobs) {
            bytes += job.job().body().length;
        }
        for (Fill fill : fills) {
            bytes += fill.bytes();
        }
        return bytes;
    }

    private static void check(String what, long size, int most) {
        if (size > most) {
            throw new IllegalArgumentException(
                    "the followers of one completion must have at most " + most + " " + what + ", got " + size);
        }
    }
}
