package io.tidemill.broker;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds jobs of a broker that has {@link Ability#LOOK_UP}. Everything said of {@link Broker} holds here, too.
 *
 * <p>Thread-safe.
 */
public interface LookUp {

    /**
     * Looks at one job.
     *
     * <p>A job that succeeded with nothing kept leaves nothing. It is found as succeeded, all the same, for a minute if
     * somebody asked to be notified of its end; and later, too, if the receipt proves it: nothing was taken out of the
     * queue and nothing was lost since the job was stored, so there is no other way in which it can have gone. When
     * that cannot be proved, the job is not known.
     *
     * @param notify whether listeners of this broker object are to be notified when the job ends
     * @param receipt what {@link EnqueueReply.Accepted#receipt} said when the job was stored by this broker object;
     *     null if nothing is to be concluded
     * @return empty if the job is not known: never stored, deleted, purged, trimmed or lost; or ended with nothing
     *     kept, and there is no proof of it
     */
    CompletableFuture<Optional<JobSnapshot>> find(String queue, String id, boolean notify, @Nullable String receipt);

    /** Looks at one job, and concludes nothing from its absence. */
    default CompletableFuture<Optional<JobSnapshot>> find(String queue, String id, boolean notify) {
        return find(queue, id, notify, null);
    }
}
