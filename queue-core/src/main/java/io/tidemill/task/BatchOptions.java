package io.tidemill.task;

import io.tidemill.lint.CheckReturnValue;
import io.tidemill.text.Durations;
import io.tidemill.text.OptionValues;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.Locale;

/**
 * How the jobs of a batch task are collected: see {@link Batch}.
 *
 * <p>Immutable. Begin with {@link #defaults()}; each {@code with} method gives a copy and checks the ranges.
 */
@CheckReturnValue
public final class BatchOptions {

    private static final int MOST = 1_000;
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final BatchOptions DEFAULTS = new BatchOptions(new Values());

    private final Values values;

    private BatchOptions(Values values) {
        this.values = values;
    }

    /** Every option as its method says. */
    public static BatchOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Most jobs in one batch; 1 to 1,000, default 100. Each job that waits for its batch holds a slot of the worker, so
     * no batch is larger than the concurrency of the process, or of its queue: set that to this number at least.
     */
    public int max() {
        return values.max;
    }

    /**
     * How long the first job of a batch waits for others; 1 ms to 1 h, default 1 s. A batch that is full does not wait.
     */
    public Duration within() {
        return values.within;
    }

    /** The same with another {@link #max}. */
    public BatchOptions withMax(int value) {
        return new BatchOptions(values.with(to -> to.max = value));
    }

    /** The same with another {@link #within}. */
    public BatchOptions withWithin(Duration value) {
        return new BatchOptions(values.with(to -> to.within = value));
    }

    /**
     * The same with what an annotation says.
     *
     * @throws IllegalArgumentException if a value is out of range
     */
    public BatchOptions with(BatchSize size) {
        BatchOptions of = size.max() == BatchSize.LEFT_OUT ? this : withMax(size.max());
        return size.within().isEmpty() ? of : of.withWithin(Durations.parse("batch.within", size.within()));
    }

    @Override
    public String toString() {
        return "at most " + values.max + " within " + Texts.duration(values.within);
    }

    /** Every option with its default. */
    private static final class Values extends OptionValues<Values> {

        private int max = 100;
        private Duration within = Duration.ofSeconds(1);

        @Override
        protected void check() {
            if (max < 1 || max > MOST) {
                throw new IllegalArgumentException(
                        String.format(Locale.ROOT, "batch.max must be 1 to %,d, got %d", MOST, max));
            }
            if (within.compareTo(Duration.ofMillis(1)) < 0 || within.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("batch.within must be between 1 ms and " + Texts.duration(LONGEST)
                        + ", got " + Texts.duration(within));
            }
        }
    }
}
