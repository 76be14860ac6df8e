package io.tidemill.redis;

import org.jspecify.annotations.Nullable;

/**
 * What a claim hands to the completion of a job with constraints, so that the script need not read them again: the
 * words of a step that asks for nothing else, or only that there are some.
 */
final class StepReceipt {

    private static final String CONSTRAINED = "constrained";
    private static final char MEMBER = 'm';
    private static final String WITH_PLACES = " p";

    private StepReceipt() {}

    /** Of a job with these constraints; null if it has none. */
    static @Nullable String of(String words) {
        if (words.isEmpty()) {
            return null;
        }
        int gap = words.indexOf(' ');
        boolean isStep = words.charAt(0) == MEMBER
                && (gap < 0 || (gap == words.length() - WITH_PLACES.length() && words.endsWith(WITH_PLACES)));
        return isStep ? words : CONSTRAINED;
    }

    /** The words of the constraints of a step that asks for nothing else; empty for any other job. */
    static String words(@Nullable String receipt) {
        return receipt != null && receipt.charAt(0) == MEMBER ? receipt : "";
    }
}
