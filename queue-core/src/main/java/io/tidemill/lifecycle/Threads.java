package io.tidemill.lifecycle;

import io.tidemill.time.Clock;
import java.lang.reflect.Method;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * Makes the threads that run user code: one virtual thread per job where the JVM has them (21 and newer), reused
 * platform threads elsewhere. Neither bounds how much runs at once; that is the worker's slots' business.
 */
public final class Threads {

    private Threads() {}

    /** Whether {@link #perTask} makes virtual threads on this JVM. */
    public static boolean areVirtual() {
        return Runtime.version().feature() >= 21;
    }

    /**
     * An executor that starts each task at once on a daemon thread whose name begins with the prefix. Whoever hands in
     * a task may be a thread of the network. So the threads have the context class loader of the thread that calls this
     * method, and inherit no thread locals.
     */
    public static ExecutorService perTask(String prefix) {
        return areVirtual() ? virtual(prefix) : platform(prefix);
    }

    /** As {@link #perTask(String)}; on a clock of tests without threads, the executor of that clock. */
    public static ExecutorService perTask(String prefix, Clock clock) {
        return clock instanceof ThreadlessClock threadless ? threadless.executor() : perTask(prefix);
    }

    /** An executor of reused platform threads. */
    static ExecutorService platform(String prefix) {
        return new ThreadPool(prefix);
    }

    /** By reflection, because this code is compiled for Java 17. */
    private static ExecutorService virtual(String prefix) {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            Object named = type.getMethod("name", String.class, long.class).invoke(builder, prefix, 1L);
            Object alone = type.getMethod("inheritInheritableThreadLocals", boolean.class)
                    .invoke(named, false);
            ThreadFactory factory = (ThreadFactory) type.getMethod("factory").invoke(alone);
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            ThreadFactory loading = task -> {
                Thread thread = factory.newThread(task);
                thread.setContextClassLoader(loader);
                return thread;
            };
            Method newExecutor = Executors.class.getMethod("newThreadPerTaskExecutor", ThreadFactory.class);
            return (ExecutorService) newExecutor.invoke(null, loading);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("virtual threads are missing on Java " + Runtime.version(), e);
        }
    }
}
