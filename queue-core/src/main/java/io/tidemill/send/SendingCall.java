package io.tidemill.send;

import io.tidemill.client.SendInterceptor;
import io.tidemill.task.JobOptions;
import io.tidemill.task.TaskDefinition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What interceptors see of a call. Confined to the thread that enqueues. */
final class SendingCall implements SendInterceptor.Sending {

    private final String task;
    private final List<@Nullable Object> arguments;
    private final @Nullable TaskDefinition definition;
    private final String queue;
    private final String id;
    private JobOptions options;

    /**
     * A call that is not written yet.
     *
     * @param arguments a list that cannot be changed
     * @param options what has its headers
     */
    SendingCall(
            String task,
            List<@Nullable Object> arguments,
            @Nullable TaskDefinition definition,
            String queue,
            String id,
            JobOptions options) {
        this.task = task;
        this.arguments = arguments;
        this.definition = definition;
        this.queue = queue;
        this.id = id;
        this.options = options;
    }

    @Override
    public String task() {
        return task;
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
        return arguments;
    }

    @Override
    public Map<String, String> headers() {
        return options.headers();
    }

    @Override
    public void header(String name, String value) {
        options = options.withHeader(name, value);
    }

    @Override
    public void removeHeader(String name) {
        if (options.headers().containsKey(name)) {
            Map<String, String> left = new TreeMap<>(options.headers());
            left.remove(name);
            options = options.withHeaders(left);
        }
    }
}
