package io.tidemill.admin;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a redrive has come. Hand it to the next call to go on.
 *
 * <p>Immutable. Begin with {@link #NONE}; {@link QueueAdmin} makes the others.
 */
public final class Redriven {

    /** Nothing done yet. */
    public static final Redriven NONE = new Redriven(0, 0, false);

    private final long redriven;
    private final int passedOver;
    private final boolean isDone;

    Redriven(long redriven, int passedOver, boolean isDone) {
        this.redriven = redriven;
        this.passedOver = passedOver;
        this.isDone = isDone;
    }

    /** How many jobs run again, over all calls. */
    public long redriven() {
        return redriven;
    }

    /** How many dead jobs were looked at and left. */
    public int passedOver() {
        return passedOver;
    }

    /** Whether all have been looked at. */
    public boolean isDone() {
        return isDone;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Redriven that
                && redriven == that.redriven
                && passedOver == that.passedOver
                && isDone == that.isDone;
    }

    @Override
    public int hashCode() {
        return Objects.hash(redriven, passedOver, isDone);
    }

    @Override
    public String toString() {
        return "Redriven[redriven=" + redriven + ", passedOver=" + passedOver + ", isDone=" + isDone + "]";
    }
}
