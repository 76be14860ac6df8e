package io.tidemill.worker;

import io.tidemill.flow.StepArguments;
import io.tidemill.flow.StepRun;
import io.tidemill.message.Failure;
import io.tidemill.message.PayloadSeal;
import io.tidemill.plan.StepValue;
import io.tidemill.record.Job;
import io.tidemill.record.NewerVersionException;
import io.tidemill.record.Payloads;
import io.tidemill.record.Redaction;
import io.tidemill.task.PayloadException;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.Texts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the arguments of a job: opens their seal, brings them to the version of the task, and makes the objects.
 * Thread-safe.
 */
final class ArgumentReader {

    private final Payloads payloads;

    ArgumentReader(Payloads payloads) {
        this.payloads = payloads;
    }

    /**
     * The arguments: those of the job itself, or of a step of a workflow what other steps gave it.
     *
     * @param values what filled the places of the step; empty for a job that is none
     * @throws NewerVersionException if the job has a newer version than the task has here
     * @throws io.tidemill.message.MissingKeyException if the key of their seal is not here
     * @throws PayloadException if they cannot be read by any worker
     */
    @Nullable
    Object[] read(Run run, Job job, List<StepValue> values, TaskBinding binding) {
        TaskDefinition task = binding.definition();
        int version = job.more().version();
        if (version > task.version()) {
            throw new NewerVersionException(job.task(), version, task.version());
        }
        StepRun step = run.step();
        try {
            if (step != null && !step.hasOwnArguments()) {
                return given(step, values, binding);
            }
            byte[] payload =
                    payloads.open(PayloadSeal.Kind.ARGUMENTS, job.payload(), run.queue(), job.task(), run.jobId());
            return decoded(version == task.version() ? payload : upcast(payload, version, binding), binding);
        } catch (PayloadException e) {
            throw new PayloadException(
                    "the arguments of task \"" + job.task() + "\" cannot be read: " + e.getMessage()
                            + "; it is declared as " + task.signature(),
                    e);
        }
    }

    private static @Nullable Object[] given(StepRun step, List<StepValue> values, TaskBinding binding) {
        try {
            return StepArguments.read(step, values, binding.parameterTypes());
        } catch (PayloadException e) {
            throw Redaction.reason(binding.definition(), e);
        }
    }

    private @Nullable Object[] decoded(byte[] payload, TaskBinding binding) {
        try {
            return checked(payloads.codec().decodeArguments(payload, binding.parameterTypes()), binding);
        } catch (PayloadException e) {
            throw Redaction.reason(binding.definition(), e);
        }
    }

    private byte[] upcast(byte[] payload, int from, TaskBinding binding) {
        TaskDefinition task = binding.definition();
        List<@Nullable Object> arguments = payloads.codec().decodeTree(payload);
        for (int version = from; version < task.version(); version++) {
            try {
                arguments = binding.upcasters().get(version - 1).upcast(arguments);
            } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
                // These come again in each run; a full heap need not. Its message may quote what it was given.
                throw new PayloadException(
                        "the upcaster from version " + version + " threw "
                                + (task.hasSecrets()
                                        ? e.getClass().getName()
                                        : Failure.of(e).line()),
                        task.hasSecrets() ? null : e);
            }
            if (arguments == null) {
                throw new PayloadException("the upcaster from version " + version + " returned null", null);
            }
        }
        return payloads.codec().encodeUnchecked(arguments.toArray(), null);
    }

    /** A codec of the user's may give anything. */
    private @Nullable Object[] checked(@Nullable Object @Nullable [] arguments, TaskBinding binding) {
        int needed = binding.parameterTypes().size();
        if (arguments == null || arguments.length != needed) {
            throw new PayloadException(
                    "the codec " + payloads.codec().getClass().getName() + " gave "
                            + (arguments == null ? "null" : Texts.count(arguments.length, "argument")) + ", needed are "
                            + needed,
                    null);
        }
        return arguments;
    }
}
