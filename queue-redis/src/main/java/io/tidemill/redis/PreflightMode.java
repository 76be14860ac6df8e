package io.tidemill.redis;

/** What happens when a broker opens and the checks of its Redis find a problem. */
public enum PreflightMode {
    /** Every problem is refused. */
    REFUSE,
    /**
     * Refused is what cannot work or is sure to lose jobs: a version below 6.2, a missing right, a key of ours that
     * holds something else, an eviction policy that throws any key away. The rest is logged as a warning.
     */
    WARN,
    /** Nothing is checked. */
    OFF
}
