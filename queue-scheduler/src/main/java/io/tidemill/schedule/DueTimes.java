package io.tidemill.schedule;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The times at which something is due, before start, end and jitter. Immutable. */
sealed interface DueTimes permits CronTimes, IntervalTimes, SingleTime {

    /** The first due time later than this one; null if there is none. */
    @Nullable
    Instant next(Instant after);

    /** In words, to stand in the middle of a sentence. */
    String describe();

    /** As it is stored, see {@link TimingText}. */
    String line();
}
