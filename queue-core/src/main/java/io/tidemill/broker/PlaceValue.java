package io.tidemill.broker;

/**
 * What is in a place of a job.
 *
 * <p>Immutable, except that {@code value} is not copied.
 *
 * @param kind whether it is filled
 * @param value the value; no bytes unless it is filled
 */
public record PlaceValue(Kind kind, byte[] value) {

    /** What a place can be. */
    public enum Kind {
        /** It has a value. */
        FILLED,
        /** What would have filled it was not run. */
        SKIPPED,
        /** Nothing has come. */
        EMPTY
    }

    private static final byte[] NOTHING = {};

    /** Filled with nothing. */
    public static final PlaceValue SKIPPED = new PlaceValue(Kind.SKIPPED, NOTHING);

    /** Not filled. */
    public static final PlaceValue EMPTY = new PlaceValue(Kind.EMPTY, NOTHING);

    /** Filled with this. */
    public static PlaceValue of(byte[] value) {
        return new PlaceValue(Kind.FILLED, value);
    }
}
