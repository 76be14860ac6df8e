package io.tidemill.client;

import io.tidemill.broker.JobConstraints;
import io.tidemill.broker.NewJob;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.message.PayloadCodec;
import io.tidemill.task.PayloadException;
import io.tidemill.text.Durations;
import io.tidemill.text.JobIds;
import io.tidemill.task.JobOptions;
import io.tidemill.text.Names;
import io.tidemill.task.Priority;
import io.tidemill.definition.TaskOverrides;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import io.tidemill.time.Clock;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a {@link Call} into what is stored, or says what is wrong with it before anything is stored. Thread-safe. */
final class JobWriter {

    private final Map<String, TaskDefinition> registered;
    private final Map<String, TaskOverrides> overrides;
    private final PayloadCodec codec;
    private final ClientOptions options;
    private final Clock clock;
    private final JobIds ids;

    JobWriter(
            Map<String, TaskDefinition> registered,
            Map<String, TaskOverrides> overrides,
            PayloadCodec codec,
            ClientOptions options,
            Clock clock) {
        this.overrides = Map.copyOf(overrides);
        this.registered = Map.copyOf(registered);
        this.codec = codec;
        this.options = options;
        this.clock = clock;
        this.ids = new JobIds(clock::millis);
    }

    PreparedJob write(Call<?> call) {
        TaskMethod method = call.method();
        if (method != null) {
            TaskDefinition definition = overridden(TaskReferences.resolve(method));
            return outgoing(call, definition.name(), definition, encode(definition.name(), definition, call));
        }
        String name = String.valueOf(call.name());
        TaskDefinition definition = registered.get(name);
        if (definition == null && options.checkTaskNames() && !registered.isEmpty()) {
            throw new UnknownTaskException(name, registered.keySet());
        }
        return outgoing(call, name, definition, encode(name, definition, call));
    }

    private PreparedJob outgoing(Call<?> call, String task, @Nullable TaskDefinition definition, byte[] payload) {
        JobOptions choices = call.options();
        byte[] body = JobCodec.encode(
                new Job(task, payload, clock.millis(), choices.run().timeout(), choices.run().maxAttempts(), choices.headers()));
        checkSize(task, definition, call, body);
        checkTime(choices);
        TaskOverrides here = overrides.getOrDefault(task, TaskOverrides.NONE);
        String queue = firstNonNull(
                choices.queue(),
                definition != null ? definition.queue() : firstNonNull(here.queue(), Names.DEFAULT_QUEUE));
        int priority = firstNonNull(
                choices.priority(),
                definition != null ? definition.priority() : firstNonNull(here.priority(), Priority.DEFAULT));
        Type resultType = definition == null ? Object.class : definition.resultType();
        NewJob job = new NewJob(
                choices.id() == null ? ids.next() : choices.id(),
                body,
                priority,
                choices.start().delay() == null ? 0 : choices.start().delay().toMillis(),
                choices.start().at() == null || choices.start().at().isBefore(Instant.EPOCH)
                        ? NewJob.NOW
                        : choices.start().at().toEpochMilli(),
                constraints(call, definition),
                choices.id() == null);
        return new PreparedJob(queue, task, job, resultType, definition != null && definition.hasResult());
    }

    private TaskDefinition overridden(TaskDefinition declared) {
        TaskOverrides here = overrides.get(declared.name());
        return here == null ? declared : here.applyTo(declared);
    }

    private void checkTime(JobOptions choices) {
        if (choices.start().at() != null
                && choices.start().at().isAfter(Instant.ofEpochMilli(clock.millis()).plus(Durations.MAX))) {
            throw new IllegalArgumentException("at must be within 10 years from now, got " + choices.start().at());
        }
    }

    private static JobConstraints constraints(Call<?> call, @Nullable TaskDefinition definition) {
        JobOptions choices = call.options();
        String group = choices.group();
        if (group == null && definition != null && definition.group() != null) {
            group = definition.group().resolve(call.arguments());
        }
        if (choices.unique() == null && choices.start().expiresIn() == null && group == null) {
            return JobConstraints.NONE;
        }
        return new JobConstraints(
                choices.unique(),
                group,
                choices.start().expiresIn() == null ? 0 : choices.start().expiresIn().toMillis());
    }

    private byte[] encode(String task, @Nullable TaskDefinition definition, Call<?> call) {
        try {
            List<Type> types = definition == null ? null : definition.parameterTypes();
            return call.method() == null || types == null
                    ? codec.encodeUnchecked(call.arguments(), types)
                    : codec.encodeArguments(call.arguments(), types);
        } catch (PayloadException e) {
            throw new PayloadException(
                    "task \"" + task + "\" was not enqueued: " + e.getMessage()
                            + (definition == null ? "" : "; it is declared as " + definition.signature()),
                    e);
        }
    }

    private void checkSize(String task, @Nullable TaskDefinition definition, Call<?> call, byte[] body) {
        if (body.length <= options.maxPayloadBytes()) {
            return;
        }
        @Nullable Object[] arguments = call.arguments();
        int largest = 0;
        int largestSize = -1;
        for (int i = 0; i < arguments.length; i++) {
            List<Type> type = definition == null
                    ? null
                    : List.of(definition.parameterTypes().get(i));
            int size = codec.encodeUnchecked(new @Nullable Object[] {arguments[i]}, type).length;
            if (size > largestSize) {
                largest = i;
                largestSize = size;
            }
        }
        throw new PayloadException(
                String.format(
                        "task \"%s\" was not enqueued: its record is %,d bytes, the limit is %,d (maxPayloadBytes);"
                                + " the largest part is argument %d with %,d bytes."
                                + " Store it elsewhere and pass a reference, or raise the limit.",
                        task, body.length, options.maxPayloadBytes(), largest, largestSize),
                null);
    }

    private static <V> V firstNonNull(@Nullable V choice, V otherwise) {
        return choice == null ? otherwise : choice;
    }
}
