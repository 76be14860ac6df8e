package io.tidemill.broker;

/**
 * How far a run has got, in the place of what was reported of its job before.
 *
 * <p>Reports of one job are numbered, over all its runs. One with a number that is not higher than that of the report
 * which is kept changes nothing: it is a repeated request, or one that arrives late.
 *
 * <p>Immutable, except that {@code bytes} is not copied.
 *
 * @param id the job
 * @param token the lease that it is held under
 * @param job when the job was created, ms since 1970: tells it from an earlier one with its id, whose numbers do not
 *     count
 * @param number 1 to {@value #MAX_NUMBER}
 * @param ttlMillis how long it is kept, 1 ms to 10 years
 * @param bytes opaque to the broker, at most {@value #MAX_BYTES} bytes
 */
public record Report(String id, String token, long job, long number, long ttlMillis, byte[] bytes) {

    /** The last number. */
    public static final long MAX_NUMBER = 99_999_999_999_999L;

    /** Most bytes of a report: 256 KiB. */
    public static final int MAX_BYTES = 256 * 1024;

    /** Checks the numbers. */
    public Report {
        if (number < 1 || number > MAX_NUMBER) {
            throw new IllegalArgumentException("the number of a report must be 1 to " + MAX_NUMBER + ", got " + number);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("a report may have " + MAX_BYTES + " bytes, got " + bytes.length);
        }
    }

    /** The same under another token. */
    public Report under(String value) {
        return new Report(id, value, job, number, ttlMillis, bytes);
    }
}
