package io.tidemill.broker;

import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps what happened in the queues of a broker that has {@link Ability#HISTORY}: for 24 hours in steps of 5 minutes,
 * for 30 days in steps of an hour. The broker does not count; processes add what they counted. Everything said of
 * {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface CountHistory {

    /**
     * Adds to the current 5 minutes and to the current hour, by the broker's clock. A request that is sent again is
     * added once; if its outcome is unknown, it may have been added or not.
     */
    CompletableFuture<Void> add(String queue, HistoryCounts counts);

    /** What happened in a queue. */
    CompletableFuture<QueueHistory> history(String queue, HistoryRange range);
}
