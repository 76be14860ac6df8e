package io.tidemill.observe;

import java.time.Duration;

/**
 * Something that a part of a queue has to do again and again, and how long ago it was last done.
 *
 * <p>Thread-safe; cheap to read.
 */
public interface Duty {

    /** How long an answer of the broker may take. */
    Duration ANSWER = Duration.ofSeconds(5);

    /** Its name, such as {@code claim}. */
    String name();

    /** How long ago it was last done; since the start if it was never done. */
    Duration age();

    /** Whether it was done at all, where that is known. */
    default boolean wasDone() {
        return true;
    }

    /** How long ago it may be. */
    Duration allowed();

    /** What is wrong if it is longer ago, without an end: "no claim was answered". */
    String problem();

    /** How long ago something may be that is done each period: two periods, and the time for an answer. */
    static Duration allowed(Duration period) {
        return period.multipliedBy(2).plus(ANSWER);
    }
}
