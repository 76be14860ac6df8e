package io.tidemill.worker;

import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskDefinition;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a task's method, seen by one interceptor; behind it stand the interceptors further in and the
 * method.
 *
 * @param interceptors all, the outermost first
 * @param next which of them goes next
 */
record TaskInvocation(
        List<RunInterceptor> interceptors,
        int next,
        TaskBinding binding,
        Run run,
        @Nullable Object[] values) implements RunInterceptor.Invocation {

    @Override
    public TaskDefinition definition() {
        return binding.definition();
    }

    @Override
    public TaskContext context() {
        return run;
    }

    @Override
    public List<@Nullable Object> arguments() {
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    @Override
    public @Nullable Object proceed() throws Throwable {
        return next == interceptors.size()
                ? invoked()
                : interceptors.get(next).around(new TaskInvocation(interceptors, next + 1, binding, run, values));
    }

    /** Whatever interceptors make of a stage, a cancel or a timeout ends the stage of the method itself. */
    private @Nullable Object invoked() throws Throwable {
        Object value = binding.invoke(values);
        if (value instanceof CompletionStage<?> stage && binding.definition().isAsync()) {
            run.goesOnIn(stage);
        }
        return value;
    }
}
