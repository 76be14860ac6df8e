package io.tidemill.admin;

/**
 * How far a redrive has come. Hand it to the next call to go on.
 *
 * @param redriven how many jobs run again, over all calls
 * @param passedOver how many dead jobs were looked at and left
 * @param isDone whether all have been looked at
 */
public record Redriven(long redriven, int passedOver, boolean isDone) {

    /** Nothing done yet. */
    public static final Redriven NONE = new Redriven(0, 0, false);
}
