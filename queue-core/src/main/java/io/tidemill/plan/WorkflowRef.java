package io.tidemill.plan;

/**
 * Which workflow it is about, and how the ids of its jobs begin. Those are different for each start, also if users give
 * two workflows the same id one after the other: what is remembered of a job of the first would otherwise keep a job of
 * the second from being stored.
 *
 * @param id the id of the workflow
 * @param home the queue that has its record
 * @param jobs how the ids of its jobs begin
 * @param asksFirst whether the worker of a step reads the record before it runs the step, as the workflow may have
 *     failed
 */
public record WorkflowRef(String id, String home, String jobs, boolean asksFirst) {

    /** Stands behind the id of the job of a step in the ids of all jobs that this step adds. */
    private static final char ADDED = '+';

    /** Stands behind that in the id of the job that stores what the step adds. */
    private static final String STORES = "s";

    /** The same for jobs that run whether or not the workflow has failed. */
    public WorkflowRef withoutAsking() {
        return new WorkflowRef(id, home, jobs, false);
    }

    /** The id of the job of a step: derived, so that whoever knows the plan finds the job. */
    public String jobId(int step) {
        return jobId(jobs, step);
    }

    /** The id of the job of one element of a map. */
    public String elementId(int step, int index) {
        return jobId(step) + "." + index;
    }

    /** The id of the job of a step of the workflow whose ids of jobs begin so. */
    public static String jobId(String jobs, int step) {
        return step == Plan.ADDED ? jobs.substring(0, jobs.lastIndexOf(ADDED) + 1) : jobs + ":" + step;
    }

    /** The same workflow, for the jobs of the plan with this index of those that a step adds. */
    public WorkflowRef added(int step, int index) {
        return new WorkflowRef(id, home, addedId(step) + index, asksFirst);
    }

    /** The id of the job that waits for all that a step adds. */
    public String addedId(int step) {
        return jobId(step) + ADDED;
    }

    /** The id of the job that stores what a step adds. */
    public String storesId(int step) {
        return addedId(step) + STORES;
    }

    /** Whether a job with this id, of a workflow whose ids of jobs begin so, was added while the workflow ran. */
    public static boolean isAdded(String jobs, String job) {
        return job.indexOf(ADDED, Math.min(jobs.length(), job.length())) >= 0;
    }

    /**
     * The number by which the plan of the workflow knows a step: that of the step itself, or for one that was added the
     * number of the step that has added it. If that was added, too, it goes on so.
     */
    public int planNumber(int step) {
        int number = step;
        String rest = jobs;
        // Ids of workflows may have any characters, but what stands behind them in the ids of jobs has no such sign.
        for (int at = added(rest); at >= 0; at = added(rest)) {
            int colon = rest.lastIndexOf(':', at);
            number = Integer.parseInt(rest.substring(colon + 1, at));
            rest = rest.substring(0, colon);
        }
        return number;
    }

    /** Where the sign stands, if these ids are of jobs that were added; -1 if not. */
    private static int added(String jobs) {
        int at = jobs.length() - 1;
        while (at >= 0 && Character.isDigit(jobs.charAt(at))) {
            at--;
        }
        boolean isAdded = at >= 0 && at < jobs.length() - 1 && jobs.charAt(at) == ADDED;
        return isAdded && isNumber(jobs, jobs.lastIndexOf(':', at) + 1, at) ? at : -1;
    }

    private static boolean isNumber(String text, int from, int to) {
        return from > 0 && from < to && text.substring(from, to).chars().allMatch(Character::isDigit);
    }
}
