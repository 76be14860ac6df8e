package io.tidemill.plan;

import java.util.List;

/**
 * What a step gives to the steps that follow on it.
 *
 * <p>Immutable, except that bytes are not copied.
 */
public sealed interface StepValue {

    /** The same without the time. */
    default StepValue plain() {
        return this;
    }

    /** Whether the step was not run. */
    default boolean isSkipped() {
        return false;
    }

    /**
     * What a task returned.
     *
     * @param bytes as the codec wrote it
     */
    record Written(byte[] bytes) implements StepValue {}

    /** What several steps gave, in their order. */
    record Items(List<StepValue> items) implements StepValue {

        /** Copies the list. */
        public Items {
            items = List.copyOf(items);
        }
    }

    /**
     * What a step gave, and when.
     *
     * @param millis when it had succeeded, by the clock of its worker, ms since 1970
     * @param value what it gave
     */
    record Timed(long millis, StepValue value) implements StepValue {

        @Override
        public StepValue plain() {
            return value;
        }
    }

    /** What has no bytes. */
    enum Empty implements StepValue {
        /** A step whose task returns nothing has succeeded. */
        NOTHING,
        /** The step was not run, because a branch was not taken. Steps that need its value are not run either. */
        SKIPPED;

        @Override
        public boolean isSkipped() {
            return this == SKIPPED;
        }
    }
}
