package io.tidemill.redis;

import java.util.concurrent.atomic.AtomicInteger;

/** Does something on each tenth level of a recursion until the stack ends. */
final class EndOfStack {

    private static final long STACK_BYTES = 256 << 10;

    private static final int APART = 10;

    private EndOfStack() {}

    static void reach(Runnable onEachLevel, AtomicInteger overflows) throws InterruptedException {
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        deeper(onEachLevel, 0);
                    } catch (StackOverflowError | RuntimeException e) {
                        // What was on its way says so with an exception of its own.
                        overflows.incrementAndGet();
                    }
                },
                "end-of-stack",
                STACK_BYTES);
        thread.start();
        thread.join();
    }

    private static void deeper(Runnable onEachLevel, int level) {
        if (level % APART == 0) {
            onEachLevel.run();
        }
        deeper(onEachLevel, level + 1);
    }

    /** Needs so many frames of stack, and gives back their number. */
    static int needing(int frames) {
        return frames == 0 ? 0 : 1 + needing(frames - 1);
    }
}
