package io.tidemill.schedule;

import io.tidemill.broker.ScheduleStep;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.TaskClient;
import org.jspecify.annotations.Nullable;

/** Makes the jobs of schedules from the call that is stored with them. */
final class ScheduledJobs {

    private ScheduledJobs() {}

    /**
     * A job.
     *
     * @param step the step of the schedule that stores it; null if none does
     * @throws RuntimeException if the stored call cannot be read, or its arguments not be written
     */
    static PreparedJob of(TaskClient client, Definition definition, String id, Tick tick, @Nullable ScheduleStep step) {
        PreparedJob pattern = PreparedJob.fromBytes(definition.call());
        PreparedJob job =
                definition.takesTick() ? client.prepareLike(pattern, id, tick) : client.prepareLike(pattern, id);
        return step == null ? job : job.withStep(step);
    }
}
