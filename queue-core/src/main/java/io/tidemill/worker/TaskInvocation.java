package io.tidemill.worker;

import io.tidemill.task.RunInterceptor;
import io.tidemill.task.TaskContext;
import io.tidemill.task.TaskDefinition;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
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
        TaskContext context,
        @Nullable Object[] values)
        implements RunInterceptor.Invocation {

    @Override
    public TaskDefinition definition() {
        return binding.definition();
    }

    @Override
    public List<@Nullable Object> arguments() {
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    @Override
    public @Nullable Object proceed() throws Throwable {
        return next == interceptors.size()
                ? binding.invoke(values)
                : interceptors.get(next).around(new TaskInvocation(interceptors, next + 1, binding, context, values));
    }
}
