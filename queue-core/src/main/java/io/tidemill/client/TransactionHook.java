package io.tidemill.client;

/**
 * What a queue needs to know of the application's transactions, for {@link TaskClient#enqueueAfterCommit}. With Spring
 * it is two lines over {@code TransactionSynchronizationManager}.
 *
 * <p>Implementations must be thread-safe: both methods are about the transaction of the calling thread.
 */
public interface TransactionHook {

    /** Whether the calling thread is within a transaction. */
    boolean active();

    /** Runs something once the transaction of the calling thread has been committed; never if it is rolled back. */
    void afterCommit(Runnable action);
}
