package io.tidemill.broker;

/**
 * A job to be stored.
 *
 * <p>Immutable, except that {@code body} is not copied.
 *
 * @param id its id; a name
 * @param body its record, opaque to the broker
 * @param priority 0 (last) to 9 (first)
 * @param delayMillis not before so many ms from the moment the broker takes it; 0 for at once
 * @param dueMillis not before this time, ms since 1970 by the broker's clock; {@link #NOW} if the delay says it all
 * @param constraints what it asks for beyond being run; {@link JobConstraints#NONE} for nothing
 * @param hasNewId whether the id was made for this very job, so that no other job can have it, and the job is given to
 *     the broker once, whatever comes of it. False, the safe choice, for an id that came from elsewhere
 */
public record NewJob(
        String id,
        byte[] body,
        int priority,
        long delayMillis,
        long dueMillis,
        JobConstraints constraints,
        boolean hasNewId) {

    /** No absolute time. */
    public static final long NOW = 0;

    /** A job whose id may be known already. */
    public NewJob(String id, byte[] body, int priority, long delayMillis, long dueMillis, JobConstraints constraints) {
        this(id, body, priority, delayMillis, dueMillis, constraints, false);
    }

    /** A job without constraints, whose id may be known already. */
    public NewJob(String id, byte[] body, int priority, long delayMillis, long dueMillis) {
        this(id, body, priority, delayMillis, dueMillis, JobConstraints.NONE);
    }

    /** A job that may run at once. */
    public static NewJob now(String id, byte[] body, int priority) {
        return new NewJob(id, body, priority, 0, NOW);
    }

    /** The same job, later. */
    public NewJob after(long millis) {
        return new NewJob(id, body, priority, millis, NOW, constraints, hasNewId);
    }

    /** The same job with these constraints. */
    public NewJob with(JobConstraints value) {
        return new NewJob(id, body, priority, delayMillis, dueMillis, value, hasNewId);
    }

    /** The same job, whose id was made for it. */
    public NewJob withNewId() {
        return new NewJob(id, body, priority, delayMillis, dueMillis, constraints, true);
    }
}
