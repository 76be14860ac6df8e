package io.tidemill.broker;

/**
 * A job of a workflow, which may wait until its places are filled.
 *
 * <p>A job with places and no delay is {@code WAITING} until the last place is filled. A job with places and a delay is
 * {@code SCHEDULED}: the last fill makes it ready at once, and the time makes it ready with what is there. Then, and
 * once it has run, its empty places stay empty.
 *
 * <p>It may have a group and a time to expire. It cannot have a unique key or the step of a schedule. Whether its id is
 * known is always looked up, {@link NewJob#hasNewId} makes no difference.
 *
 * <p>Immutable.
 *
 * @param job the job
 * @param member the workflow that it belongs to
 * @param places how many places it has, 1 to {@value #MAX_PLACES}; {@link #NONE}, or {@link #UNKNOWN} if a {@link Fill}
 *     says it later
 */
public record WorkflowJob(NewJob job, WorkflowMember member, int places) {

    /** It waits for no other job. */
    public static final int NONE = 0;

    /** It waits, and how many places it has is said later: {@link Fill#count}. */
    public static final int UNKNOWN = -1;

    /** Most places of a job: the elements of a large list, and some more. */
    public static final int MAX_PLACES = 100_100;

    /** Checks the range of the places, and that the job asks for nothing that a job of a workflow cannot have. */
    public WorkflowJob {
        if (places < UNKNOWN || places > MAX_PLACES) {
            throw new IllegalArgumentException(
                    "places must be 0 to " + MAX_PLACES + ", or -1 for not known yet, got " + places);
        }
        if (job.constraints().unique() != null || job.constraints().step() != null) {
            throw new IllegalArgumentException("job " + job.id() + " of workflow " + member.workflow() + " asks for "
                    + (job.constraints().unique() != null ? "a unique key" : "the step of a schedule")
                    + ", which no job of a workflow can have");
        }
    }

    /** Whether it has places. */
    public boolean hasPlaces() {
        return places != NONE;
    }
}
