package io.tidemill.redis;

import io.tidemill.broker.JobOutcome;
import io.tidemill.task.BrokerException;
import io.tidemill.task.JobState;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * How an outcome stands in Redis: a letter, and what it has to say. {@code S} and the result, as the scripts write it;
 * {@code s} a success with nothing kept; {@code l} one whose result is lost; {@code D}, the attempt, a colon and the
 * failure; {@code c} cancelled; {@code e} expired.
 */
final class StoredOutcome {

    private static final byte[] NOTHING = {};
    /** Of an attempt: so many are an int for certain. */
    private static final int MOST_DIGITS = 9;

    private StoredOutcome() {}

    static byte[] encode(JobOutcome outcome) {
        return switch (outcome.state()) {
            case SUCCEEDED ->
                outcome.result() == null
                        ? joined(outcome.resultLost() ? "l" : "s", NOTHING)
                        : joined("S", outcome.result());
            case DEAD -> joined("D" + outcome.attempt() + ":", outcome.failure() == null ? NOTHING : outcome.failure());
            case CANCELLED -> joined("c", NOTHING);
            default -> joined("e", NOTHING);
        };
    }

    private static byte[] joined(String head, byte[] rest) {
        byte[] kept = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + rest.length);
        System.arraycopy(rest, 0, kept, head.length(), rest.length);
        return kept;
    }

    /**
     * Empty if it is none that this version knows.
     *
     * @throws BrokerException if it is one, and cannot be read
     */
    static Optional<JobOutcome> decode(String id, byte[] kept) {
        return switch (kept.length == 0 ? '?' : (char) kept[0]) {
            case 'S' -> Optional.of(JobOutcome.succeeded(id, 0, Arrays.copyOfRange(kept, 1, kept.length), 0));
            case 's' -> Optional.of(JobOutcome.succeeded(id, 0, null, 0));
            case 'l' -> Optional.of(JobOutcome.resultLost(id, 0, 0));
            case 'D' -> Optional.of(dead(id, kept));
            case 'c' -> Optional.of(JobOutcome.ended(id, JobState.CANCELLED, 0, 0));
            case 'e' -> Optional.of(JobOutcome.ended(id, JobState.EXPIRED, 0, 0));
            default -> Optional.empty();
        };
    }

    private static JobOutcome dead(String id, byte[] kept) {
        int colon = 1;
        while (colon < kept.length && kept[colon] >= '0' && kept[colon] <= '9') {
            colon++;
        }
        if (colon == kept.length || kept[colon] != ':' || colon == 1 || colon > MOST_DIGITS + 1) {
            throw new BrokerException(
                    BrokerException.Outcome.REFUSED,
                    "the outcome of job " + id + " cannot be read: the " + kept.length
                            + " bytes in Redis are cut off, or something else than Tidemill wrote them",
                    null);
        }
        int attempt = Integer.parseInt(new String(kept, 1, colon - 1, StandardCharsets.US_ASCII));
        return JobOutcome.dead(id, attempt, Arrays.copyOfRange(kept, colon + 1, kept.length), 0);
    }
}
