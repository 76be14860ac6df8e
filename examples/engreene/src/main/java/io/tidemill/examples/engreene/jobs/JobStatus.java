package io.tidemill.examples.engreene.jobs;

import io.tidemill.admin.JobInfo;
import io.tidemill.message.Failure;
import io.tidemill.task.JobState;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a job is.
 *
 * @param id its id
 * @param type which handler it is for
 * @param state {@code waiting}, {@code delayed}, {@code active}, {@code completed}, {@code failed}, {@code blocked} (by
 *     other steps of its workflow)
 * @param priority 0 to 9
 * @param failures how many of its runs have failed
 * @param error what went wrong in the last run that failed; null if none did
 */
public record JobStatus(
        String id,
        String type,
        String state,
        int priority,
        int failures,
        @Nullable String error) {

    static JobStatus of(JobInfo job) {
        Failure failure = job.failure();
        return new JobStatus(
                job.id(),
                job.task(),
                name(job.state()),
                job.priority(),
                job.counts().failures(),
                failure == null ? null : failure.message());
    }

    private static String name(JobState state) {
        return switch (state) {
            case READY -> "waiting";
            case SCHEDULED -> "delayed";
            case SUCCEEDED -> "completed";
            case DEAD -> "failed";
            case WAITING -> "blocked";
            default -> state.name().toLowerCase(Locale.ROOT);
        };
    }
}
