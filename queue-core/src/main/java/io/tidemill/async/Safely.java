package io.tidemill.async;

import io.tidemill.text.LogNames;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an error where it arose. Errors count as much as exceptions: the heap may be full at any allocation, the stack
 * may end at any call, and the system may have no more threads.
 *
 * <p>Thread-safe.
 */
public final class Safely {

    private static final Logger log = LoggerFactory.getLogger(LogNames.QUEUE);

    /** 2 KiB of stack in compiled code, 10 KiB before: some calls of the kind that undo a state. Takes 0.2 us. */
    private static final int FRAMES_TO_UNDO = 128;

    /** 8 KiB in compiled code, 40 KiB before: more than it takes to hand a request to a network library. Takes 1 us. */
    private static final int FRAMES_TO_SEND = 512;

    private Safely() {}

    /** Asks for something; whatever the call throws fails the future. A call that gives null fails it, too. */
    public static <V> CompletableFuture<V> ask(Supplier<? extends @Nullable CompletableFuture<V>> call) {
        try {
            return Objects.requireNonNull(call.get(), "a call must answer with a future, got null");
        } catch (Throwable t) {
            return CompletableFuture.failedFuture(t);
        }
    }

    /**
     * Does one of several things that do not depend on each other. If it throws, that is logged.
     *
     * @param what what it does, for the log: "queue mail: claim"
     * @return whether it was done
     */
    public static boolean run(String what, Runnable step) {
        try {
            step.run();
            return true;
        } catch (Throwable t) {
            failed(what, t);
            return false;
        }
    }

    /**
     * Hands something to an executor. If the executor has no thread for it or was shut down, that is logged, and it is
     * not done.
     *
     * @param what what it does, for the log
     * @return whether the executor took it
     */
    public static boolean execute(Executor executor, String what, Runnable task) {
        return run(what, () -> executor.execute(task));
    }

    /**
     * Makes sure that there is stack enough to undo a state that is entered next.
     *
     * @throws StackOverflowError if there is not; nothing was changed then
     */
    public static void reserveStackToUndo() {
        reserve(FRAMES_TO_UNDO);
    }

    /**
     * Makes sure that there is stack enough to send something. Code of others cannot be relied on to be whole after a
     * stack that ended within it: a connection may have lost a command and wait for its answer for ever.
     *
     * @throws StackOverflowError if there is not; nothing was changed then
     */
    public static void reserveStackToSend() {
        reserve(FRAMES_TO_SEND);
    }

    /** What comes back is used after the call, so that each call needs a frame. */
    private static int reserve(int frames) {
        return frames == 0 ? 0 : 1 + reserve(frames - 1);
    }

    /** A logger may throw as well, as it allocates. */
    private static void failed(String what, Throwable thrown) {
        try {
            log.error("{} failed; everything else goes on", what, thrown);
        } catch (Throwable t) {
            // Nothing is left that could be done about it.
        }
    }
}
