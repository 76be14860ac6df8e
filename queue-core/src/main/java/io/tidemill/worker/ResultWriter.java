package io.tidemill.worker;

import io.tidemill.async.PerQueue;
import io.tidemill.async.Safely;
import io.tidemill.batch.BatchLimits;
import io.tidemill.batch.Coalescer;
import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.text.PrintableText;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Stores outcomes in a {@link ResultBackend}, in batches: while requests are in flight, the outcomes that come
 * meanwhile gather for the next one. A request that is not answered within the lease time counts as failed, so that it
 * holds up no other.
 *
 * <p>Thread-safe.
 */
public final class ResultWriter {

    private static final int MOST_AT_ONCE = 100;
    private static final long MOST_BYTES = 1 << 20;
    private static final int IN_FLIGHT = 4;

    private final ResultBackend backend;
    private final Duration lease;
    private final PerQueue<Coalescer<JobOutcome, Boolean>> coalescers =
            new PerQueue<>(this::coalescer, Coalescer::isIdle);

    /** Stores in this backend. */
    public ResultWriter(ResultBackend backend, Duration lease) {
        this.backend = backend;
        this.lease = lease;
    }

    /** Stores an outcome as soon as a request is free. One of an id that no job has fails here, alone. */
    public CompletableFuture<Boolean> store(String queue, JobOutcome outcome) {
        return Safely.ask(() -> {
            PrintableText.check("job id", outcome.id());
            return coalescers.of(queue).submit(outcome);
        });
    }

    private Coalescer<JobOutcome, Boolean> coalescer(String queue) {
        BatchLimits limits =
                new BatchLimits(MOST_AT_ONCE, MOST_BYTES, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, IN_FLIGHT);
        return new Coalescer<>(limits, ResultWriter::bytes, () -> 0, Runnable::run, batch -> send(queue, batch));
    }

    private static int bytes(JobOutcome outcome) {
        return (outcome.result() == null ? 0 : outcome.result().length)
                + (outcome.failure() == null ? 0 : outcome.failure().length);
    }

    private CompletableFuture<List<Boolean>> send(String queue, List<JobOutcome> batch) {
        return Safely.ask(() -> backend.store(queue, batch))
                .copy()
                .orTimeout(lease.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(done -> Collections.nCopies(batch.size(), true));
    }
}
