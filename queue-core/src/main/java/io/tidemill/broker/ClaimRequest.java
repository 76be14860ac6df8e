package io.tidemill.broker;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks for jobs to run, under one new lease.
 *
 * @param worker the worker's id, unique per process start; used to wake it
 * @param token the lease's token, made by the worker and never used before: its id, a colon, and at the end, after a
 *     colon, a number that grows with each claim of the queue. So operators see whose it is, and the broker knows a
 *     token that was taken. A token is taken once, whatever comes of it: the same request may be sent again, or a copy
 *     of it may arrive late, and answers with what the token still holds, in the order of the ids. Of a token that does
 *     not end in a number a broker knows only whether it holds something
 * @param limit most jobs to claim, 1 to 1,000
 * @param leaseMillis how long the lease lasts unless it is extended, in ms
 */
public record ClaimRequest(String worker, String token, int limit, long leaseMillis) {

    private static final Pattern NUMBER = Pattern.compile(":(\\d{1,15})$");

    /** Which of the worker's claims this is; 0 if its token does not say. */
    public long number() {
        Matcher number = NUMBER.matcher(token);
        return number.find() ? Long.parseLong(number.group(1)) : 0;
    }
}
