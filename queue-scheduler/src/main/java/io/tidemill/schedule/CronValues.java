package io.tidemill.schedule;

import java.util.List;

/**
 * What one field of a cron expression allows.
 *
 * @param bits the numbers that it allows, one bit each; Sunday is bit 0
 * @param special the days that it allows beside the numbers
 * @param any whether it is {@code *} or {@code ?}, and so restricts nothing
 * @param wildcard whether a part of it begins with {@code *}, or is a step without an end such as {@code 5/15}
 * @param step the step if the field is one step without an end, else 0
 */
record CronValues(long bits, List<SpecialDay> special, boolean any, boolean wildcard, int step) {

    CronValues {
        special = List.copyOf(special);
    }

    /** Just this number. */
    static CronValues only(int value) {
        return new CronValues(1L << value, List.of(), false, false, 0);
    }

    boolean has(int value) {
        return (bits >>> value & 1) != 0;
    }

    /** The smallest allowed number from this one on; -1 if there is none. */
    int from(int value) {
        long rest = value > 63 ? 0 : bits >>> value << value;
        return rest == 0 ? -1 : Long.numberOfTrailingZeros(rest);
    }

    int first() {
        return Long.numberOfTrailingZeros(bits);
    }

    int count() {
        return Long.bitCount(bits);
    }
}
