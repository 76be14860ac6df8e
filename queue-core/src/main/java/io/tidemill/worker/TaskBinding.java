package io.tidemill.worker;

import io.tidemill.task.TaskDefinition;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task and the object that runs it.
 *
 * <p>Immutable and thread-safe, as far as the user's object is.
 */
public final class TaskBinding {

    private final TaskDefinition definition;
    private final MethodHandle method;

    private TaskBinding(TaskDefinition definition, MethodHandle method) {
        this.definition = definition;
        this.method = method;
    }

    /**
     * Binds a task to its object.
     *
     * @throws IllegalArgumentException if the method cannot be reached
     */
    public static TaskBinding of(TaskDefinition definition, Object target) {
        try {
            // A public method may stand in a class that is not public; the user handed us the object, so it is meant.
            definition.method().setAccessible(true);
            MethodHandle method = MethodHandles.lookup()
                    .unreflect(definition.method())
                    .bindTo(target)
                    .asSpreader(Object[].class, parameterCount(definition))
                    .asType(MethodType.methodType(Object.class, Object[].class));
            return new TaskBinding(definition, method);
        } catch (IllegalAccessException | RuntimeException e) {
            throw new IllegalArgumentException(
                    definition.signature() + " cannot be called: " + e.getMessage()
                            + "; make it public, or open its package to Tidemill",
                    e);
        }
    }

    /** What the annotation says. */
    public TaskDefinition definition() {
        return definition;
    }

    List<Type> parameterTypes() {
        return definition.parameterTypes();
    }

    /** Runs the user's method. Throws what it throws. */
    @Nullable
    Object invoke(@Nullable Object[] arguments) throws Throwable {
        return method.invokeExact(arguments);
    }

    private static int parameterCount(TaskDefinition definition) {
        return definition.method().getParameterCount();
    }
}
