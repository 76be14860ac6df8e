package io.tidemill.benchmarks;

/**
 * The payload of all measurements: {@code {"to":"user@example.com","subject":"Welcome","n":1}}, 51 bytes.
 *
 * @param to the address
 * @param subject the subject, which is made as long as the payload is to be
 * @param n a number
 */
public record Mail(String to, String subject, int n) {

    /** The bytes of the usual payload. */
    public static final int BYTES = 51;

    /** The usual payload. */
    public static final Mail WELCOME = new Mail("user@example.com", "Welcome", 1);

    private static final int SUBJECT = WELCOME.subject.length();

    /** A mail whose JSON has this many bytes. */
    public static Mail of(int bytes) {
        int length = bytes - BYTES + SUBJECT;
        if (length < SUBJECT) {
            throw new IllegalArgumentException("a mail has at least " + BYTES + " bytes, got " + bytes);
        }
        return new Mail(WELCOME.to, WELCOME.subject + ".".repeat(length - SUBJECT), WELCOME.n);
    }
}
