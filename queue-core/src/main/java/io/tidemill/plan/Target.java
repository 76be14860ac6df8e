package io.tidemill.plan;

/**
 * A place of a step that waits, which is filled by the step that knows this.
 *
 * @param queue the queue of the waiting step
 * @param step its number
 * @param place which of its places, from 0
 * @param isTimed whether the value says when the step succeeded that gave it
 */
public record Target(String queue, int step, int place, boolean isTimed) {

    /** A place whose value does not say when. */
    public Target(String queue, int step, int place) {
        this(queue, step, place, false);
    }
}
