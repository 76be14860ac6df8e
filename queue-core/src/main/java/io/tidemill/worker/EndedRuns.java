package io.tidemill.worker;

import io.tidemill.broker.Completion;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs that have ended, sorted by the request that records them.
 *
 * <p>Used by one thread until it is complete; not changed after that.
 */
final class EndedRuns {

    /**
     * The runs of one request, and what it says of each, in the same order.
     *
     * @param <C> what the request takes
     */
    record Part<C extends Completion>(List<Ended> runs, List<C> completions) {

        private Part() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        void add(Ended ended, C completion) {
            runs.add(ended);
            completions.add(completion);
        }

        int size() {
            return runs.size();
        }

        boolean isEmpty() {
            return runs.isEmpty();
        }
    }

    private final Part<Completion.Succeeded> completed = new Part<>();
    private final Part<Completion.Failed> failed = new Part<>();
    private final Part<Completion.Release> released = new Part<>();

    EndedRuns(List<Ended> all) {
        all.forEach(ended -> ended.verdict().addTo(this, ended));
    }

    /** For {@code Broker.complete}. */
    Part<Completion.Succeeded> completed() {
        return completed;
    }

    /** For {@code Broker.fail}. */
    Part<Completion.Failed> failed() {
        return failed;
    }

    /** For {@code Broker.release}. */
    Part<Completion.Release> released() {
        return released;
    }
}
