package io.tidemill.plan;

/**
 * A condition of a step: the value of a place must be this boolean, or the step is not run.
 *
 * @param place where the value is
 * @param expected what it must be
 */
public record Guard(int place, boolean expected) {}
