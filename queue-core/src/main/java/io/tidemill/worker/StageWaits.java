package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.text.LogNames;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done with the stages that async tasks return. */
final class StageWaits {

    private static final Logger log = LoggerFactory.getLogger(LogNames.JOB);

    private StageWaits() {}

    /** What is to be waited for; null if the value is there already, or if an interceptor gave the value itself. */
    static @Nullable CompletionStage<?> pending(@Nullable Object returned) {
        return returned instanceof CompletionStage<?> stage && !isDone(stage) ? stage : null;
    }

    private static boolean isDone(CompletionStage<?> stage) {
        try {
            return stage instanceof CompletableFuture<?> future && future.isDone();
        } catch (UnsupportedOperationException e) {
            // A minimal stage is a future by its class only.
            return false;
        }
    }

    /**
     * The value of a stage that has ended, or the value that an interceptor gave. Throws what the stage failed with.
     */
    static @Nullable Object valueOf(@Nullable Object returned) throws Throwable {
        if (!(returned instanceof CompletableFuture<?> future)) {
            return returned;
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            throw Answers.unwrapped(e);
        }
    }

    /** Cancels a stage as far as it can be: a stage may refuse, or give a future that is only a copy. */
    static void cancel(CompletionStage<?> stage) {
        try {
            stage.toCompletableFuture().cancel(true);
        } catch (Throwable t) {
            // Of a class of the user's, which may throw anything; the run goes on as one that ignores the cancel.
            log.debug("a stage of {} cannot be cancelled", stage.getClass().getName(), t);
        }
    }
}
