package io.tidemill.redis;

/**
 * The size of a proof: small in an ordinary build, full in {@code mvn verify -Pthorough}. That profile runs the tests
 * with the tag {@value #TAG}.
 */
public final class Thorough {

    /** The tag of tests that have two sizes. */
    public static final String TAG = "thorough";

    private Thorough() {}

    /** One of the two sizes. */
    public static int size(int ordinary, int full) {
        return isFull() ? full : ordinary;
    }

    /** Whether proofs run at full size. */
    public static boolean isFull() {
        return Boolean.getBoolean("tidemill.thorough");
    }
}
