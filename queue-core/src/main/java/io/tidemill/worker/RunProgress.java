package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.record.Progress;
import io.tidemill.text.LogNames;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a run has got. What its task says is sent at once, and then at most once a second, always as it is then. The
 * last state is sent before the outcome.
 *
 * <p>A request that fails is sent again with the next change or a second later. The run does not wait for it, except
 * for the last one.
 *
 * <p>Thread-safe.
 */
final class RunProgress {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    /** Where it is sent. */
    interface Reports {

        /** Keeps it for so long; false if the run has lost its job. */
        CompletableFuture<Boolean> send(Progress progress, Duration kept);

        /** Does it after so many nanoseconds, unless the run has ended by then. */
        void later(long nanos, Runnable action);

        long nanos();
    }

    private final String jobId;
    private final Reports reports;
    private final Duration whileRunning;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private Progress progress;
    /** Something was said that was not sent. */
    private boolean isChanged;
    /** It is being sent, or is going to be sent later. */
    private boolean isBusy;

    private boolean hasSent;
    private long sentNanos;
    private boolean isOver;

    /**
     * Of a run.
     *
     * @param progress what earlier runs have said
     * @param whileRunning how long a report is kept of which the outcome is not known
     */
    RunProgress(String jobId, Progress progress, Reports reports, Duration whileRunning) {
        this.jobId = jobId;
        this.progress = progress;
        this.reports = reports;
        this.whileRunning = whileRunning;
    }

    /** The task has said something. */
    void change(UnaryOperator<Progress> change) {
        lock.lock();
        try {
            progress = change.apply(progress);
            isChanged = true;
        } finally {
            lock.unlock();
        }
        sendOrWait();
    }

    private void sendOrWait() {
        Progress toSend = null;
        long wait = 0;
        lock.lock();
        try {
            if (!isChanged || isBusy || isOver) {
                return;
            }
            isBusy = true;
            wait = hasSent ? sentNanos + PAUSE_NANOS - reports.nanos() : 0;
            toSend = wait > 0 ? null : taken();
        } finally {
            lock.unlock();
        }
        if (toSend == null) {
            reports.later(wait, this::notBusy);
        } else {
            send(toSend);
        }
    }

    private void send(Progress toSend) {
        Safely.ask(() -> reports.send(toSend, whileRunning)).whenComplete((isHeld, failure) -> {
            lock.lock();
            try {
                isChanged |= failure != null;
                isOver |= Boolean.FALSE.equals(isHeld);
            } finally {
                lock.unlock();
            }
            notBusy();
        });
    }

    private void notBusy() {
        lock.lock();
        try {
            isBusy = false;
        } finally {
            lock.unlock();
        }
        sendOrWait();
    }

    private Progress taken() {
        progress = progress.next();
        isChanged = false;
        hasSent = true;
        sentNanos = reports.nanos();
        return progress;
    }

    /** The run has ended. Waits until the last state is kept, or until the broker has said that it cannot be. */
    void end(Duration kept) {
        @Nullable Progress last;
        lock.lock();
        try {
            // A request that is on its way has a lower number, so it need not be waited for.
            last = isOver ? null : taken();
            isOver = true;
        } finally {
            lock.unlock();
        }
        if (last == null) {
            return;
        }
        try {
            Safely.ask(() -> reports.send(last, kept)).join();
        } catch (CompletionException e) {
            log.warn("the last progress of job {} is not kept: {}", jobId, Answers.message(e));
        }
    }
}
