package io.tidemill.broker;

/**
 * A dead job that is to run again.
 *
 * @param id the job
 * @param delayMillis how long it waits before, in ms; 0 for at once
 */
public record Redrive(String id, long delayMillis) {

    /** At once. */
    public static Redrive now(String id) {
        return new Redrive(id, 0);
    }
}
