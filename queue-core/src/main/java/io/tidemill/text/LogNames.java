package io.tidemill.text;

/**
 * The names of all loggers of this module. They are part of what users rely on, so they do not follow the names of
 * classes. The operations guide lists them.
 */
public final class LogNames {

    /** Single jobs: failed, dead, given back, abandoned, lease lost. */
    public static final String JOB = "io.tidemill.job";

    /** A worker: start and stop. */
    public static final String WORKER = "io.tidemill.worker";

    /** Sweeps: what was recovered, expired, trimmed. */
    public static final String MAINTENANCE = "io.tidemill.maintenance";

    /** Listeners, probes and hints that threw. */
    public static final String LISTENER = "io.tidemill.listener";

    /**
     * A {@code TaskQueue} as a whole: its settings, its loops, requests to the broker that fail, errors that were kept
     * where they arose.
     */
    public static final String QUEUE = "io.tidemill.queue";

    private LogNames() {}
}
