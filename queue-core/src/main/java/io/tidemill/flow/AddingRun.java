package io.tidemill.flow;

/** A run whose code may add steps to the workflow that its job is a step of. */
public interface AddingRun {

    /**
     * What it adds.
     *
     * @throws IllegalStateException if its job is no step, or one that cannot add any
     */
    Additions additions();
}
