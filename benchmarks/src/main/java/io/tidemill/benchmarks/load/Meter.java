package io.tidemill.benchmarks.load;

import io.tidemill.benchmarks.Histogram;

/** What a load run counts. Thread-safe. */
final class Meter {

    private volatile Histogram stored = new Histogram();
    private volatile Histogram started = new Histogram();

    /** From when a job was to be sent until the broker had it. */
    Histogram stored() {
        return stored;
    }

    /** From when a job was to be sent until its task began. */
    Histogram started() {
        return started;
    }

    void reset() {
        stored = new Histogram();
        started = new Histogram();
    }
}
