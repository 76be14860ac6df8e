package io.tidemill.task;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as it is declared by a {@link Task} annotation, or by a handler, with the settings of this process.
 *
 * <p>Immutable.
 *
 * @param name the stable name
 * @param queue the queue of its jobs
 * @param priority the priority of its jobs, 0 to 9
 * @param group how the groups of its jobs are named; null for none
 * @param timeout how long one run may take; null for no limit
 * @param retry when a failed run is tried again
 * @param resultTtl how long a returned value is kept
 * @param keep how long a job is kept after it succeeded; null as the {@code TaskQueue} says
 * @param method the annotated method; null for a handler
 * @param parameterTypes the declared types of the arguments, generics kept, type variables resolved against the class
 *     that runs the task
 * @param resultType the declared type of the result, likewise; of the class that runs the task if it declares a
 *     narrower one than the annotated method
 */
public record TaskDefinition(
        String name,
        String queue,
        int priority,
        @Nullable GroupTemplate group,
        @Nullable Duration timeout,
        RetryPolicy retry,
        Duration resultTtl,
        @Nullable Duration keep,
        @Nullable Method method,
        List<Type> parameterTypes,
        Type resultType) {

    /** Whether a run returns a value that is kept for whoever awaits it. */
    public boolean hasResult() {
        return resultType != void.class && resultType != Void.class;
    }

    /** The same with other types, for a reference that knows more of them than the method says. */
    public TaskDefinition withTypes(List<Type> parameters, Type result) {
        return new TaskDefinition(
                name, queue, priority, group, timeout, retry, resultTtl, keep, method, List.copyOf(parameters), result);
    }

    /**
     * Where the task is declared, for messages: {@code MailTasks.sendEmail(String, String)}, or
     * {@code handle("send-email", Mail)}.
     */
    public String signature() {
        if (method == null) {
            String argument = parameterTypes.get(0).getTypeName();
            return "handle(\"" + name + "\", " + argument.replaceAll(".*[.$]", "") + ")";
        }
        StringBuilder text = new StringBuilder(method.getDeclaringClass().getSimpleName())
                .append('.')
                .append(method.getName())
                .append('(');
        for (Class<?> type : method.getParameterTypes()) {
            text.append(text.charAt(text.length() - 1) == '(' ? "" : ", ").append(type.getSimpleName());
        }
        return text.append(')').toString();
    }
}
