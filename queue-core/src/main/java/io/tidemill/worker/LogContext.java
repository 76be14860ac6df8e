package io.tidemill.worker;

import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Names the job in the log context (MDC) of its thread while it runs, and restores what was there before.
 *
 * <p>Thread-safe.
 */
final class LogContext implements RunInterceptor {

    @Override
    public @Nullable Object around(Invocation invocation) throws Throwable {
        Map<String, String> outer = MDC.getCopyOfContextMap();
        put(invocation.context());
        try {
            return invocation.proceed();
        } finally {
            restore(outer);
        }
    }

    /** What runs in a context. */
    interface Body {
        void run() throws Throwable;
    }

    /** Runs code that belongs to a run, on a thread that is not its own. */
    static void within(Run run, Body code) throws Throwable {
        Map<String, String> outer = MDC.getCopyOfContextMap();
        put(run);
        try {
            code.run();
        } finally {
            restore(outer);
        }
    }

    private static void put(TaskContext job) {
        MDC.put("tidemill.job", job.jobId());
        MDC.put("tidemill.task", job.task());
        MDC.put("tidemill.queue", job.queue());
        MDC.put("tidemill.attempt", String.valueOf(job.attempt()));
    }

    /** Runs code that belongs to several runs of a task. */
    static void withinBatch(String task, int size, Body code) throws Throwable {
        Map<String, String> outer = MDC.getCopyOfContextMap();
        MDC.put("tidemill.task", task);
        MDC.put("tidemill.batch", String.valueOf(size));
        try {
            code.run();
        } finally {
            restore(outer);
        }
    }

    private static void restore(@Nullable Map<String, String> outer) {
        if (outer == null || outer.isEmpty()) {
            MDC.clear();
        } else {
            MDC.setContextMap(outer);
        }
    }
}
