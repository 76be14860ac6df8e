package io.tidemill.redis;

/**
 * Something that must not be in a queue's structures.
 *
 * @param severity how bad it is
 * @param invariant which rule is broken, a short name
 * @param queue the queue
 * @param subject the job, lease or key that it is about
 * @param text what is wrong, in one line
 */
public record Finding(Severity severity, String invariant, String queue, String subject, String text) {

    /** How bad it is. */
    public enum Severity {
        /** A job is lost or out of reach. */
        CRITICAL,
        /** A job may run twice, or vanish. */
        HIGH,
        /** Something is late, or left behind. */
        MEDIUM
    }
}
