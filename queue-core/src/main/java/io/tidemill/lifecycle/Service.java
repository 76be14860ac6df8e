package io.tidemill.lifecycle;

/**
 * Something that runs in the background between a start and a stop. {@code start} returns when it runs and {@code stop}
 * when it has stopped; both may be called twice, {@code stop} also without a start, and a stopped service stays
 * stopped.
 *
 * <p>Thread-safe.
 */
public interface Service {

    /** Starts it. Does nothing if it runs already. */
    void start();

    /** Stops it and waits until it has. Does nothing if it was never started or has stopped already. */
    void stop();
}
