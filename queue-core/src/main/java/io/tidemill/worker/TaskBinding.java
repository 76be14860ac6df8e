package io.tidemill.worker;

import io.tidemill.task.TaskDefinition;
import io.tidemill.task.Upcaster;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A task and the code that runs it.
 *
 * <p>Immutable and thread-safe, as far as the user's object is.
 */
public final class TaskBinding {

    private final TaskDefinition definition;
    private final Code code;
    /** What each run takes one of; null if any number of them may run at once. */
    private final @Nullable Semaphore places;

    private final List<Upcaster> upcasters;
    /** What an operator has set in place of the declared timeout; null for nothing. */
    private volatile @Nullable Duration timeout;

    /** The user's code. */
    @FunctionalInterface
    public interface Code {

        /** Runs it. Throws what it throws. */
        @Nullable
        Object run(@Nullable Object[] arguments) throws Throwable;
    }

    private TaskBinding(TaskDefinition definition, Code code, @Nullable Semaphore places, List<Upcaster> upcasters) {
        this.definition = definition;
        this.code = code;
        this.places = places;
        this.upcasters = List.copyOf(upcasters);
    }

    /**
     * Binds a task to the object with its method.
     *
     * @throws IllegalArgumentException if the method cannot be reached
     */
    public static TaskBinding ofMethod(TaskDefinition definition, Object target) {
        Method declared = Objects.requireNonNull(definition.method());
        try {
            // A public method may stand in a class that is not public; the user handed us the object, so it is meant.
            declared.setAccessible(true);
            MethodHandle method = MethodHandles.lookup()
                    .unreflect(declared)
                    .bindTo(target)
                    .asSpreader(Object[].class, declared.getParameterCount())
                    .asType(MethodType.methodType(Object.class, Object[].class));
            return new TaskBinding(definition, arguments -> (Object) method.invokeExact(arguments), null, List.of());
        } catch (IllegalAccessException | RuntimeException e) {
            throw new IllegalArgumentException(
                    definition.signature() + " cannot be called: " + e.getMessage()
                            + "; make it public, or open its package to Tidemill",
                    e);
        }
    }

    /** Binds a task to code that takes what the definition says. */
    public static TaskBinding of(TaskDefinition definition, Code code) {
        return new TaskBinding(definition, code, null, List.of());
    }

    /** The same, with at most so many runs at once. */
    public TaskBinding withConcurrency(int runs) {
        return new TaskBinding(definition, code, new Semaphore(runs, true), upcasters);
    }

    /** The same with what changes the arguments of each version before the task's into those of the next. */
    public TaskBinding withUpcasters(List<Upcaster> chain) {
        return new TaskBinding(definition, code, places, chain);
    }

    /** From version 1, from version 2 and so on. */
    List<Upcaster> upcasters() {
        return upcasters;
    }

    /** The same task, run by other code. */
    TaskBinding runBy(Code other) {
        return new TaskBinding(definition, other, places, upcasters);
    }

    /** What each run takes one of, or each batch of runs; null if any number of them may run at once. */
    @Nullable
    Semaphore places() {
        return places;
    }

    /** How long a run that begins now may take, unless its job says otherwise; null for any time. */
    @Nullable
    Duration timeout() {
        Duration set = timeout;
        return set == null ? definition.timeout() : set;
    }

    /** Sets another timeout for runs that begin from now on; null for the declared one. */
    void timeout(@Nullable Duration value) {
        timeout = value;
    }

    /** What is declared, with the settings of this process. */
    public TaskDefinition definition() {
        return definition;
    }

    List<Type> parameterTypes() {
        return definition.parameterTypes();
    }

    /** Runs the user's method for several runs. Throws what it throws. */
    void invokeBatch(Object batch) throws Throwable {
        code.run(new Object[] {batch});
    }

    /** Runs the user's method. Throws what it throws. */
    @Nullable
    Object invoke(@Nullable Object[] arguments) throws Throwable {
        Object value = code.run(arguments);
        if (value == null && definition.isAsync()) {
            throw new IllegalStateException(definition.signature()
                    + " returned null instead of a stage; return CompletableFuture.completedFuture(null) where there is"
                    + " no value");
        }
        return value;
    }
}
