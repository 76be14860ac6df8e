package io.tidemill.broker;

import io.tidemill.queue.LimitScope;
import io.tidemill.queue.Limits;
import io.tidemill.queue.QueueLimits;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the limits of a broker that has {@link Ability#LIMITS}: it hands out no job that would break one. Everything
 * said of {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface LimitStore {

    /**
     * Sets what limits a queue, each of its groups, or one group, for every process at once. It replaces what was set
     * for the same scope before, and stays until it is replaced or removed. To set what is set does nothing, and wakes
     * nobody.
     *
     * <p>Takes as many steps as it needs, each bounded, where many groups are held up or many jobs run. With the first
     * step the new limits hold; a concurrency limit of the queue, when there was none, holds with the last, when all
     * that runs is counted, and until then what held before. Groups that were held up before go on by and by. A caller
     * that does not come to the end loses nothing: the next one that sets the same goes on.
     *
     * @param limits null removes them; {@link Limits#NONE} for one group frees it of those that hold for each group
     */
    CompletableFuture<Void> limit(String queue, LimitScope scope, @Nullable Limits limits);

    /** Everything that limits a queue. */
    CompletableFuture<QueueLimits> limits(String queue);
}
