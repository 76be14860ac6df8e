package io.tidemill.send;

import io.tidemill.client.Call;
import io.tidemill.definition.TaskOverrides;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.JobOptions;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Priority;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.Names;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the calls of a workflow, whose arguments may come from other steps, as {@code JobWriter} writes those that are
 * enqueued.
 *
 * <p>Thread-safe.
 */
public final class StepWriter {

    private static final byte[] NOTHING = {};

    private final JobWriter writer;

    StepWriter(JobWriter writer) {
        this.writer = writer;
    }

    /**
     * A call as it is kept in a plan.
     *
     * @param queue where it is stored
     * @param priority 0 to 9
     * @param group whose turn it takes; null for none
     * @param delayMillis how long it waits, ms
     * @param record the record of its job, without the time that it is made; with the arguments unless some come from
     *     steps
     * @param constants the arguments that are known, each alone, if others come from steps; null where one does. Empty
     *     if none does
     * @param resultType the declared type of what it gives; {@code Object} if it is not known here
     */
    public record Written(
            String queue,
            int priority,
            @Nullable String group,
            long delayMillis,
            byte[] record,
            List<byte @Nullable []> constants,
            Type resultType) {}

    /**
     * Writes a call.
     *
     * @param call the call; null for each argument that comes from a step
     * @param fromSteps the positions of those arguments
     * @param step the name of the step, for messages
     * @param id the id of its job, for interceptors
     * @throws PayloadException if an argument cannot be written, or it is too large
     * @throws IllegalArgumentException if it asks for what a step cannot have
     */
    public Written write(Call<?> call, Set<Integer> fromSteps, String step, String id) {
        JobOptions choices = call.options();
        refuse(choices, step);
        TaskDefinition declared = writer.declared(call);
        TaskOverrides here = writer.overrides(call.task());
        String queue = queue(call);
        Map<String, String> headers = writer.headers(call, declared, queue, id);
        byte[] payload;
        List<byte @Nullable []> constants;
        try {
            payload = fromSteps.isEmpty() ? writer.encode(declared, call) : NOTHING;
            constants = fromSteps.isEmpty() ? List.of() : constants(declared, call, fromSteps);
        } catch (PayloadException e) {
            throw new PayloadException("step \"" + step + "\" cannot be written: " + e.getMessage(), e);
        }
        JobOptions.Run run = choices.run();
        byte[] record = JobCodec.encode(new Job(
                call.task(),
                payload,
                0,
                run.timeout(),
                run.maxAttempts(),
                run.retry(),
                0,
                headers,
                writer.more(declared, here, 0)));
        if (record.length > writer.options().maxPayloadBytes()) {
            throw writer.tooLarge(call.task(), record.length, ".");
        }
        return new Written(
                queue,
                JobWriter.firstNonNull(
                        choices.priority(),
                        declared != null
                                ? declared.priority()
                                : JobWriter.firstNonNull(here.priority(), Priority.DEFAULT)),
                group(call, declared, fromSteps, step),
                choices.start().delay() == null ? 0 : choices.start().delay().toMillis(),
                record,
                constants,
                declared == null ? Object.class : declared.resultType());
    }

    /** The queue of a call. */
    public String queue(Call<?> call) {
        TaskDefinition declared = writer.declared(call);
        return JobWriter.firstNonNull(
                call.options().queue(),
                declared != null
                        ? declared.queue()
                        : JobWriter.firstNonNull(writer.overrides(call.task()).queue(), Names.DEFAULT_QUEUE));
    }

    private List<byte @Nullable []> constants(@Nullable TaskDefinition declared, Call<?> call, Set<Integer> fromSteps) {
        List<byte @Nullable []> constants = new ArrayList<>();
        for (int i = 0; i < call.arguments().size(); i++) {
            Type type =
                    declared == null ? Object.class : declared.parameterTypes().get(i);
            constants.add(
                    fromSteps.contains(i)
                            ? null
                            : writer.payloads()
                                    .codec()
                                    .encodeResult(call.arguments().get(i), type));
        }
        return constants;
    }

    private static @Nullable String group(
            Call<?> call, @Nullable TaskDefinition declared, Set<Integer> fromSteps, String step) {
        String asked = call.options().group();
        if (asked != null || declared == null || declared.group() == null) {
            return asked;
        }
        if (!fromSteps.isEmpty() && declared.group().toString().indexOf('{') >= 0) {
            throw new IllegalArgumentException("step \"" + step + "\": the group of its task, \"" + declared.group()
                    + "\", is made of arguments, and some of them are not known when the workflow starts; choose a"
                    + " group with options.withGroup(...)");
        }
        return declared.group().resolve(call.arguments().toArray());
    }

    private static void refuse(JobOptions choices, String step) {
        String refused = choices.id() != null
                ? "an id of its own"
                : choices.unique() != null
                        ? "a unique key"
                        : choices.start().expiresIn() != null
                                ? "a time to expire"
                                : choices.start().at() != null
                                        ? "a time to start at; use a delay"
                                        : choices.run().inheritsDeadline()
                                                ? "the deadline of the job that starts it"
                                                : null;
        if (refused != null) {
            throw new IllegalArgumentException("step \"" + step + "\" of a workflow cannot have " + refused);
        }
    }
}
