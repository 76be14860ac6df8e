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
 * @param isFresh whether the id was made for this very job, so that no other can have it: the broker need not look.
 *     Such a job is given to the broker once, whatever comes of it. False, the safe choice, for an id that came from
 *     elsewhere
 */
public record NewJob(
        String id, byte[] body, int priority, long delayMillis, long dueMillis, JobConstraints constraints, boolean isFresh) {

    /** Most weight of the jobs in one call, unless it is a single one. */
    public static final long MAX_WEIGHT = 1 << 20;

    /** At most so many jobs of each kind go in one call, however small they are. */
    private static final int MOST_DELAYED = 500;

    private static final int MOST_FLOWING = 125;

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

    /**
     * What it adds to a call: its bytes, and for what a broker has to do beyond storing it so much that one call stays
     * short. Callers keep the sum of a call to {@link #MAX_WEIGHT}, so that a Redis is never held up for long.
     */
    public int weight() {
        int most = !constraints.isNone() ? MOST_FLOWING : delayMillis > 0 || dueMillis != NOW ? MOST_DELAYED : 0;
        return body.length + (most == 0 ? 0 : (int) (MAX_WEIGHT / most));
    }

    /** A job that may run at once. */
    public static NewJob now(String id, byte[] body, int priority) {
        return new NewJob(id, body, priority, 0, NOW);
    }

    /** The same job, later. */
    public NewJob after(long millis) {
        return new NewJob(id, body, priority, millis, NOW, constraints, isFresh);
    }

    /** The same job with these constraints. */
    public NewJob with(JobConstraints value) {
        return new NewJob(id, body, priority, delayMillis, dueMillis, value, isFresh);
    }

    /** The same job, whose id was made for it. */
    public NewJob fresh() {
        return new NewJob(id, body, priority, delayMillis, dueMillis, constraints, true);
    }
}
