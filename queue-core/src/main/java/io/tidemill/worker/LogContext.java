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
        TaskContext job = invocation.context();
        MDC.put("tidemill.job", job.jobId());
        MDC.put("tidemill.task", job.task());
        MDC.put("tidemill.queue", job.queue());
        MDC.put("tidemill.attempt", String.valueOf(job.attempt()));
        try {
            return invocation.proceed();
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
