package io.tidemill.send;

import io.tidemill.client.Call;
import io.tidemill.client.SendInterceptor;
import io.tidemill.task.JobOptions;
import io.tidemill.task.TaskDefinition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What interceptors see of a call. Confined to the thread that enqueues. */
final class SendingCall implements SendInterceptor.Sending {

    private final Call<?> call;
    private final @Nullable TaskDefinition definition;
    private final String queue;
    private final String id;
    private JobOptions options;

    SendingCall(Call<?> call, @Nullable TaskDefinition definition, String queue, String id) {
        this.call = call;
        this.definition = definition;
        this.queue = queue;
        this.id = id;
        this.options = call.options();
    }

    @Override
    public String task() {
        return call.task();
    }

    @Override
    public String queue() {
        return queue;
    }

    @Override
    public String jobId() {
        return id;
    }

    @Override
    public Optional<TaskDefinition> definition() {
        return Optional.ofNullable(definition);
    }

    @Override
    public List<@Nullable Object> arguments() {
        return call.arguments();
    }

    @Override
    public Map<String, String> headers() {
        return options.headers();
    }

    @Override
    public void header(String name, String value) {
        options = options.withHeader(name, value);
    }
}
