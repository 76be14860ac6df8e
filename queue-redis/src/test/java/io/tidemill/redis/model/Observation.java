package io.tidemill.redis.model;

import java.util.List;

/**
 * What came of an operation, in a form that can be compared and read.
 *
 * @param text what both sides must say alike
 * @param loose a number that the real side may say differently while ended jobs stand in its lines, see
 *     {@link #agreesWith}; 0 if there is none
 * @param expired jobs that the operation named as expired, in order; a request that is sent again may name fewer
 */
record Observation(String text, long loose, List<String> expired) {

    static Observation of(Object reply) {
        return new Observation(String.valueOf(reply), 0, List.of());
    }

    static Observation of(Object reply, long loose) {
        return new Observation(String.valueOf(reply), loose, List.of());
    }

    /** The same, with what came before it. */
    Observation after(String before) {
        return new Observation(before + text, loose, expired);
    }

    @Override
    public String toString() {
        return text + (loose == 0 ? "" : " ~" + loose) + (expired.isEmpty() ? "" : " expired " + expired);
    }
}
