package io.tidemill;

import io.tidemill.client.SendInterceptor;
import io.tidemill.task.RunInterceptor;
import io.tidemill.text.Names;
import org.jspecify.annotations.Nullable;

/** Writes the value of a {@link ContextCarrier} into jobs and sets it around their runs. Immutable and thread-safe. */
final class CarriedContext implements Extension {

    private final ContextCarrier carrier;
    private final String header;

    CarriedContext(ContextCarrier carrier) {
        this.carrier = carrier;
        this.header = Names.check("context", "context." + carrier.name());
    }

    @Override
    public void configure(TaskQueueBuilder builder) {
        builder.interceptSends(this::write).interceptRuns(this::around);
    }

    private void write(SendInterceptor.Sending sending) {
        String value = carrier.current();
        if (value != null) {
            sending.header(header, value);
        }
    }

    private @Nullable Object around(RunInterceptor.Invocation run) throws Throwable {
        String outer = carrier.current();
        try {
            carrier.set(run.context().headers().get(header));
            return run.proceed();
        } finally {
            carrier.set(outer);
        }
    }
}
