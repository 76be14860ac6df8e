package io.tidemill.text;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Makes job ids: 18 characters that sort by time of creation, are unique across processes and cost no random number
 * each.
 *
 * <pre>
 * 8 characters  milliseconds since 1970   base 62, good past the year 8000
 * 2 characters  number within that ms     base 62; after 3,844 ids in one ms the time part runs ahead
 * 8 characters  this process              random, drawn once
 * </pre>
 *
 * <p>Because ids of one process are strictly increasing, jobs that are due in the same millisecond run in the order in
 * which they were made. No other decision rests on the time in an id; operators see it of records of workflows.
 *
 * <p>Thread-safe.
 */
public final class JobIds {

    private static final char[] DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray();

    private static final int TIME_DIGITS = 8;
    private static final int COUNTER_DIGITS = 2;
    private static final int PROCESS_DIGITS = 8;
    private static final int IDS_PER_MILLI = 62 * 62;

    private final LongSupplier millis;
    private final String process;
    /** Time in ms times {@link #IDS_PER_MILLI} plus the number within the ms: one number that only grows. */
    private final AtomicLong last = new AtomicLong();

    /** Ids of a new, random process. */
    public JobIds(LongSupplier millis) {
        this(millis, randomDigits(PROCESS_DIGITS));
    }

    JobIds(LongSupplier millis, String process) {
        this.millis = millis;
        this.process = process;
    }

    /** A new id, greater than every id that this object made before. */
    public String next() {
        long floor = millis.getAsLong() * IDS_PER_MILLI;
        long number = last.updateAndGet(previous -> Math.max(previous + 1, floor));
        char[] id = new char[TIME_DIGITS + COUNTER_DIGITS + PROCESS_DIGITS];
        long rest = number;
        for (int i = TIME_DIGITS + COUNTER_DIGITS - 1; i >= 0; i--) {
            id[i] = DIGITS[(int) (rest % 62)];
            rest /= 62;
        }
        process.getChars(0, PROCESS_DIGITS, id, TIME_DIGITS + COUNTER_DIGITS);
        return new String(id);
    }

    /** When an id was made, ms since 1970, by the clock of the process that made it; empty if it is none of these. */
    public static OptionalLong millisOf(String id) {
        if (id.length() != TIME_DIGITS + COUNTER_DIGITS + PROCESS_DIGITS) {
            return OptionalLong.empty();
        }
        long number = 0;
        for (int i = 0; i < TIME_DIGITS + COUNTER_DIGITS; i++) {
            int digit = Arrays.binarySearch(DIGITS, id.charAt(i));
            if (digit < 0) {
                return OptionalLong.empty();
            }
            number = number * 62 + digit;
        }
        return OptionalLong.of(number / IDS_PER_MILLI);
    }

    /** Random characters that are allowed in names; for ids of processes and leases. */
    public static String randomDigits(int length) {
        SecureRandom random = new SecureRandom();
        char[] digits = new char[length];
        for (int i = 0; i < length; i++) {
            digits[i] = DIGITS[random.nextInt(DIGITS.length)];
        }
        return new String(digits);
    }
}
