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
import java.util.function.BiFunction;
import java.util.function.Supplier;

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

    private final Duration lease;
    private final PerQueue<Coalescer<JobOutcome, Boolean>> first;
    private final PerQueue<Coalescer<JobOutcome, Boolean>> late;

    /** Stores in this backend. */
    public ResultWriter(ResultBackend backend, Duration lease) {
        this.lease = lease;
        this.first = new PerQueue<>(queue -> coalescer(queue, backend::store), Coalescer::isIdle);
        this.late = new PerQueue<>(queue -> coalescer(queue, backend::storeLate), Coalescer::isIdle);
    }

    /** Stores an outcome as soon as a request is free. One of an id that no job has fails here, alone. */
    public CompletableFuture<Boolean> store(String queue, JobOutcome outcome) {
        return submit(first, queue, outcome);
    }

    /** As {@link #store}, of an outcome that another one may follow by now: see {@link ResultBackend#storeLate}. */
    public CompletableFuture<Boolean> storeLate(String queue, JobOutcome outcome) {
        return submit(late, queue, outcome);
    }

    private static CompletableFuture<Boolean> submit(
            PerQueue<Coalescer<JobOutcome, Boolean>> coalescers, String queue, JobOutcome outcome) {
        return Safely.ask(() -> {
            PrintableText.check("job id", outcome.id());
            return coalescers.of(queue).submit(outcome);
        });
    }

    private Coalescer<JobOutcome, Boolean> coalescer(
            String queue, BiFunction<String, List<JobOutcome>, CompletableFuture<Void>> request) {
        BatchLimits limits =
                new BatchLimits(MOST_AT_ONCE, MOST_BYTES, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, IN_FLIGHT);
        return new Coalescer<>(
                limits,
                ResultWriter::bytes,
                () -> 0,
                Runnable::run,
                batch -> send(batch, () -> request.apply(queue, batch)));
    }

    private static int bytes(JobOutcome outcome) {
        return (outcome.result() == null ? 0 : outcome.result().length)
                + (outcome.failure() == null ? 0 : outcome.failure().length);
    }

    private CompletableFuture<List<Boolean>> send(List<JobOutcome> batch, Supplier<CompletableFuture<Void>> request) {
        return Safely.ask(request)
                .copy()
                .orTimeout(lease.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(done -> Collections.nCopies(batch.size(), true));
    }
}
