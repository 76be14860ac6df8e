package io.tidemill.broker;

import io.tidemill.async.Safely;
import io.tidemill.record.JobCodec;
import io.tidemill.record.Progress;
import io.tidemill.task.TidemillException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads how far a job has got. */
public final class ProgressReader {

    private ProgressReader() {}

    /**
     * What the runs of a job have said last, as it is stored; empty if they have said nothing, or it is of an earlier
     * job with the same id.
     */
    public static CompletableFuture<Optional<byte[]>> read(Broker broker, String queue, String id) {
        CompletableFuture<Optional<byte[]>> known =
                Safely.ask(() -> broker.progress().progress(queue, id));
        return broker.abilities().contains(Ability.LOOK_UP)
                ? known.thenCompose(progress -> progress.isEmpty()
                        ? CompletableFuture.completedFuture(progress)
                        : Safely.ask(() -> broker.lookUp().find(queue, id, false))
                                .thenApply(job -> progress.filter(
                                        each -> isOf(Progress.read(each, null, queue, id), job.orElse(null)))))
                : known;
    }

    /** A job that is gone cannot be asked; its successor, if there is one, has said nothing yet. */
    private static boolean isOf(Progress progress, @Nullable JobSnapshot job) {
        byte[] body = job == null ? null : job.body();
        if (body == null) {
            return true;
        }
        try {
            return JobCodec.decode(body).createdAtMillis() == progress.job();
        } catch (TidemillException e) {
            // A record of another version: it cannot be told.
            return true;
        }
    }
}
