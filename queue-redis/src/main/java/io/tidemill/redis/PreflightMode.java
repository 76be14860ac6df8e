package io.tidemill.redis;

/** What becomes of a Redis that will not do, when a broker opens. */
public enum PreflightMode {
    /** Everything that the look finds is refused. */
    REFUSE,
    /**
     * Refused is what cannot work or is sure to lose jobs: a version below 6.2, a missing right, a key of ours that
     * holds something else, an eviction policy that throws any key away. The rest is logged as a warning.
     */
    WARN,
    /** Nobody looks. */
    OFF
}
