package io.tidemill.docs;

import java.io.IOException;
import java.time.Duration;

/** Somebody else's service, with its moods. */
public interface Bank {

    boolean isClosed();

    boolean isWithdrawn(long orderId);

    boolean knows(long orderId);

    /** A second charge under the same key does nothing more. */
    String charge(String key, long orderId) throws IOException, CardRefusedException, BusyException;

    /** No retry mends this. */
    class CardRefusedException extends Exception {

        private static final long serialVersionUID = 1L;
    }

    /** Try again in a minute. */
    class BusyException extends Exception {

        private static final long serialVersionUID = 1L;

        Duration retryAfter() {
            return Duration.ofMinutes(1);
        }
    }
}
