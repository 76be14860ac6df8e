package io.tidemill.broker;

/** Ends listening. Closing twice is fine. Thread-safe. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {

    @Override
    void close();
}
