package io.tidemill.worker;

import io.tidemill.broker.Completion;
import io.tidemill.broker.CompletionReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Walks over the replies of the three calls in the order of the batch. */
final class Replies {

    private final CompletableFuture<List<CompletionReply>> completed;
    private final CompletableFuture<List<CompletionReply>> failed;
    private final CompletableFuture<List<CompletionReply>> released;
    private int nextCompleted;
    private int nextFailed;
    private int nextReleased;

    Replies(
            CompletableFuture<List<CompletionReply>> completed,
            CompletableFuture<List<CompletionReply>> failed,
            CompletableFuture<List<CompletionReply>> released) {
        this.completed = completed;
        this.failed = failed;
        this.released = released;
    }

    /** Why a call failed, in one line. */
    String failure() {
        for (CompletableFuture<?> each : List.of(completed, failed, released)) {
            if (each.isCompletedExceptionally()) {
                try {
                    each.join();
                } catch (RuntimeException e) {
                    Throwable cause = e.getCause() == null ? e : e.getCause();
                    return String.valueOf(cause.getMessage());
                }
            }
        }
        return "a part of the broker did not answer";
    }

    /** The reply to the next completion of this kind; null if its call failed. */
    @Nullable
    CompletionReply next(Completion completion) {
        if (completion instanceof Completion.Succeeded) {
            return completed.isCompletedExceptionally()
                    ? null
                    : completed.join().get(nextCompleted++);
        }
        if (completion instanceof Completion.Release) {
            return released.isCompletedExceptionally() ? null : released.join().get(nextReleased++);
        }
        return failed.isCompletedExceptionally() ? null : failed.join().get(nextFailed++);
    }
}
