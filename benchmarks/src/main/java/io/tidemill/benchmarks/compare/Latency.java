package io.tidemill.benchmarks.compare;

import io.tidemill.benchmarks.Histogram;

/** The two percentiles that are compared, in microseconds. */
record Latency(double p50, double p99) {

    static Latency of(Histogram histogram) {
        return new Latency(histogram.percentile(0.5) / 1e3, histogram.percentile(0.99) / 1e3);
    }
}
