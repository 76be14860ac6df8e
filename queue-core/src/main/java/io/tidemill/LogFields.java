package io.tidemill;

import io.tidemill.client.SendInterceptor;
import io.tidemill.task.JobOptions;
import io.tidemill.task.RunInterceptor;
import io.tidemill.text.Names;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Carries fields of the log context (MDC) from the thread that enqueues a job to the threads that run it, so that the
 * log lines of a request and of its jobs can be found together.
 *
 * <pre>{@code
 * TaskQueue.builder().install(LogFields.of("requestId", "tenant"))
 * }</pre>
 *
 * <p>Install it where jobs are enqueued and where they run. The fields travel as headers {@code log.requestId} and so
 * on, which are not encrypted. A field that is not set travels not; a long value is cut; no field is carried beyond the
 * number of headers that a job may have.
 *
 * <p>Immutable and thread-safe.
 */
public final class LogFields implements Extension {

    private static final String PREFIX = "log.";

    private final List<String> fields;

    private LogFields(List<String> fields) {
        this.fields = fields;
    }

    /**
     * Carries these fields.
     *
     * @throws IllegalArgumentException if one cannot be the name of a header
     */
    public static LogFields of(String... fields) {
        for (String field : fields) {
            Names.check("log field", PREFIX + field);
        }
        return new LogFields(List.of(fields));
    }

    @Override
    public void configure(TaskQueueBuilder builder) {
        builder.interceptSends(this::write).interceptRuns(this::read);
    }

    private void write(SendInterceptor.Sending sending) {
        for (String field : fields) {
            String value = MDC.get(field);
            if (value != null && sending.headers().size() < JobOptions.MAX_HEADERS) {
                sending.header(
                        PREFIX + field, value.substring(0, Math.min(value.length(), JobOptions.MAX_HEADER_VALUE)));
            }
        }
    }

    /** A field that the job does not carry is not set, whatever the thread had. The worker restores that afterwards. */
    private @Nullable Object read(RunInterceptor.Invocation run) throws Throwable {
        for (String field : fields) {
            String value = run.context().headers().get(PREFIX + field);
            if (value == null) {
                MDC.remove(field);
            } else {
                MDC.put(field, value);
            }
        }
        return run.proceed();
    }
}
