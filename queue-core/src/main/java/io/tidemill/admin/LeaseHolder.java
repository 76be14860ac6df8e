package io.tidemill.admin;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who runs a job.
 *
 * <p>Immutable. Made by {@link QueueAdmin}.
 */
public final class LeaseHolder {

    private final String worker;
    private final String token;
    private final Instant until;

    private LeaseHolder(String worker, String token, Instant until) {
        this.worker = worker;
        this.token = token;
        this.until = until;
    }

    static LeaseHolder of(String token, long endsMillis) {
        int colon = token.indexOf(':');
        return new LeaseHolder(colon < 0 ? token : token.substring(0, colon), token, Instant.ofEpochMilli(endsMillis));
    }

    /** The worker's id, as {@link QueueAdmin#workers} lists it. */
    public String worker() {
        return worker;
    }

    /** Its lease on the job. */
    public String token() {
        return token;
    }

    /** When the lease ends unless it is extended, by the broker's clock. */
    public Instant until() {
        return until;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LeaseHolder that
                && worker.equals(that.worker)
                && token.equals(that.token)
                && until.equals(that.until);
    }

    @Override
    public int hashCode() {
        return Objects.hash(worker, token, until);
    }

    @Override
    public String toString() {
        return "LeaseHolder[worker=" + worker + ", token=" + token + ", until=" + until + "]";
    }
}
