package io.tidemill.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one step of {@link Lists#scan} found.
 *
 * <p>Immutable, except that bodies are not copied.
 *
 * @param jobs jobs that had not ended; those that run are among them
 * @param next where the next step begins; null if this was the last
 * @param isAnew whether the walk begins with this step: for the first time, or again because the jobs have moved to
 *     another server. Then what the steps before it found comes again
 */
public record JobScan(List<Stored> jobs, @Nullable String next, boolean isAnew) {

    /**
     * A job as it is stored.
     *
     * @param id of the job
     * @param body what was given to {@link Broker#enqueue}; what is stored instead, if the broker cannot read that
     */
    public record Stored(String id, byte[] body) {}
}
