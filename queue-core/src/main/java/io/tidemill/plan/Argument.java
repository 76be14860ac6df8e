package io.tidemill.plan;

/**
 * Where an argument of a step comes from. A step has numbered places, one for each step that it waits for; an argument
 * is known when the workflow starts, or is taken from places.
 *
 * <p>Immutable.
 */
public sealed interface Argument {

    /**
     * Known when the workflow starts.
     *
     * @param bytes as the codec wrote it; not copied
     */
    record Constant(byte[] bytes) implements Argument {}

    /** The value of one place. */
    record Place(int place) implements Argument {}

    /** The list of the values of some places, without those of steps that were not run. */
    record Places(int from, int count) implements Argument {}

    /** The first value among some places whose step was run. */
    record FirstOf(int from, int count) implements Argument {}
}
