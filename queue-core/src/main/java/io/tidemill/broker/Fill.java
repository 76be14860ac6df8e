package io.tidemill.broker;

import io.tidemill.text.Names;
import io.tidemill.text.PrintableText;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A value for a place of a job that waits. The first value of a place stays, so a fill may come twice, or late.
 *
 * <p>Immutable, except that {@code value} is not copied.
 *
 * @param queue the queue of the job
 * @param job the job
 * @param place which place, from 0; or {@link #COUNT}
 * @param value what the place is filled with; null says that it is skipped
 */
public record Fill(String queue, String job, int place, byte @Nullable [] value) {

    /** Says how many places the job has, if that was not known. */
    public static final int COUNT = -1;

    private static final int DECIMAL = 10;

    /** Checks the names and the range of the place. */
    public Fill {
        Names.check("queue name", queue);
        PrintableText.check("job id", job);
        if (place < COUNT || place >= WorkflowJob.MAX_PLACES) {
            throw new IllegalArgumentException(
                    "place must be 0 to " + (WorkflowJob.MAX_PLACES - 1) + ", or COUNT, got " + place);
        }
        if (place == COUNT) {
            checkCount(value);
        }
    }

    /** Says of a place that what would have filled it was not run. */
    public static Fill skipped(String queue, String job, int place) {
        return new Fill(queue, job, place, null);
    }

    /**
     * Says how many places a job has that was stored with {@link WorkflowJob#UNKNOWN}. The first count stays. With 0,
     * or if so many are filled already, the job is ready.
     *
     * @param places 0 to {@value WorkflowJob#MAX_PLACES}
     */
    public static Fill count(String queue, String job, int places) {
        return new Fill(queue, job, COUNT, Integer.toString(places).getBytes(StandardCharsets.US_ASCII));
    }

    /** How many places it says that there are; only of a {@link #COUNT}. */
    public int counted() {
        int count = 0;
        for (byte digit : value == null ? new byte[0] : value) {
            count = count * DECIMAL + (digit - '0');
        }
        return count;
    }

    /** How many bytes its value has. */
    public int bytes() {
        return value == null ? 0 : value.length;
    }

    private static void checkCount(byte @Nullable [] value) {
        String digits = value == null ? "" : new String(value, StandardCharsets.US_ASCII);
        if (!digits.matches("\\d{1,6}") || Integer.parseInt(digits) > WorkflowJob.MAX_PLACES) {
            throw new IllegalArgumentException(
                    "the number of places must be 0 to " + WorkflowJob.MAX_PLACES + ", got \"" + digits + "\"");
        }
    }
}
