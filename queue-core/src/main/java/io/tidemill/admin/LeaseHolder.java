package io.tidemill.admin;

import java.time.Instant;

/**
 * Who runs a job.
 *
 * @param worker the worker's id, as {@link QueueAdmin#workers} lists it
 * @param token its lease on the job
 * @param until when the lease ends unless it is extended, by the broker's clock
 */
public record LeaseHolder(String worker, String token, Instant until) {

    static LeaseHolder of(String token, long endsMillis) {
        int colon = token.indexOf(':');
        return new LeaseHolder(colon < 0 ? token : token.substring(0, colon), token, Instant.ofEpochMilli(endsMillis));
    }
}
