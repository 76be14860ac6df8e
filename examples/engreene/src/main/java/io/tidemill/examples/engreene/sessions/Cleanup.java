package io.tidemill.examples.engreene.sessions;

/**
 * Sessions that have ended are to be removed: the data of {@code cleanup_expired_sessions}.
 *
 * @param most how many in one job, 1 to 10,000
 */
public record Cleanup(int most) {

    /** The type of the jobs that clean up. */
    public static final String TYPE = "cleanup_expired_sessions";

    /** As the schedule asks for it. */
    public static final Cleanup USUAL = new Cleanup(10_000);

    private static final int MOST = 10_000;

    /** Checks the range. */
    public Cleanup {
        if (most < 1 || most > MOST) {
            throw new IllegalArgumentException("most must be 1 to " + MOST + ", got " + most);
        }
    }
}
