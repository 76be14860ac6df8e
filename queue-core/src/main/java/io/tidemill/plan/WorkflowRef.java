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
        return jobs + ":" + step;
    }
}
