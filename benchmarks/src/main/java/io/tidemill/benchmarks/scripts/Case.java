package io.tidemill.benchmarks.scripts;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One script where it has the most to do.
 *
 * @param script its name
 * @param what how large the batch is and what makes it costly
 * @param mixed whether it runs on the queue with jobs of every kind, or on that with plain ones
 * @param prepare brings the queue there, and returns the call to be timed
 */
record Case(String script, String what, boolean mixed, Function<Backlog, Supplier<CompletableFuture<?>>> prepare) {

    String name() {
        return script + ", " + what;
    }
}
