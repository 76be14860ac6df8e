package io.tidemill.broker;

/**
 * What the runs of a job have noted so far.
 *
 * <p>Immutable, except that {@code bytes} is not copied.
 *
 * @param number of the {@link Note} that was written last; 0 if there was none
 * @param bytes opaque to the broker
 */
public record Notes(long number, byte[] bytes) {

    /** Of a job of which nothing was noted. */
    public static final Notes NONE = new Notes(0, new byte[0]);

    /** Most bytes that a job's notes may have: 256 KiB. */
    public static final int MAX_BYTES = 256 * 1024;
}
