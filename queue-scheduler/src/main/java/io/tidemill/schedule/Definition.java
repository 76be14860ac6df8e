package io.tidemill.schedule;

import io.tidemill.client.PreparedJob;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.PayloadException;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule is, as it is stored. Immutable, except that {@code call} is not copied.
 *
 * @param timing when it is due
 * @param misfire what becomes of missed due times
 * @param graceMillis how late is not missed
 * @param overlap what happens while the last job has not ended
 * @param takesTick whether the only argument of each job is its tick
 * @param call what to run, as {@link PreparedJob#toBytes} writes it
 */
record Definition(Timing timing, Misfire misfire, long graceMillis, Overlap overlap, boolean takesTick, byte[] call) {

    static Definition of(Schedule schedule, PreparedJob call) {
        return new Definition(
                schedule.timing(),
                schedule.misfire(),
                schedule.grace().toMillis(),
                schedule.overlap(),
                schedule.takesTick(),
                call.toBytes());
    }

    /** Two are equal if they do the same: when a call was prepared does not matter. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Definition that
                && timing.equals(that.timing)
                && misfire.equals(that.misfire)
                && graceMillis == that.graceMillis
                && overlap == that.overlap
                && takesTick == that.takesTick
                && isSameCall(call, that.call);
    }

    private static boolean isSameCall(byte[] one, byte[] other) {
        try {
            return Arrays.equals(one, other) || isSameCall(PreparedJob.fromBytes(one), PreparedJob.fromBytes(other));
        } catch (PayloadException e) {
            return false;
        }
    }

    private static boolean isSameCall(PreparedJob one, PreparedJob other) {
        Job first = JobCodec.decode(one.job().body());
        Job second = JobCodec.decode(other.job().body());
        return one.queue().equals(other.queue())
                && one.job().priority() == other.job().priority()
                && one.job().constraints().equals(other.job().constraints())
                && first.task().equals(second.task())
                && Arrays.equals(first.payload(), second.payload())
                && Objects.equals(first.timeout(), second.timeout())
                && Objects.equals(first.maxAttempts(), second.maxAttempts())
                && Objects.equals(first.retry(), second.retry())
                && first.headers().equals(second.headers());
    }

    @Override
    public int hashCode() {
        return Objects.hash(timing, misfire, graceMillis, overlap, takesTick);
    }
}
