package io.tidemill.definition;

import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Finds the task that a method reference names. The JVM itself says which method that is, through the
 * {@code writeReplace} that it gives every serializable lambda; no bytecode is read and nothing is called.
 *
 * <p>Each place in the code that holds a method reference has a class of its own, so the answer is remembered per class
 * and goes away with it. Thread-safe.
 */
public final class TaskReferences {

    private static final ClassValue<AtomicReference<TaskDefinition>> KNOWN = new ClassValue<>() {
        @Override
        protected AtomicReference<TaskDefinition> computeValue(Class<?> type) {
            return new AtomicReference<>();
        }
    };

    private TaskReferences() {}

    /**
     * The task that the reference names.
     *
     * @throws IllegalArgumentException if it names no task; says why and what to write instead
     */
    public static TaskDefinition resolve(TaskMethod reference) {
        AtomicReference<TaskDefinition> known = KNOWN.get(reference.getClass());
        TaskDefinition definition = known.get();
        if (definition == null) {
            definition = read(reference);
            known.set(definition);
        }
        return definition;
    }

    private static TaskDefinition read(TaskMethod reference) {
        SerializedLambda lambda = open(reference);
        String name = lambda.getImplMethodName();
        if (name.startsWith("lambda$")) {
            throw new IllegalArgumentException(
                    "a lambda names no task; pass a method reference such as MailTasks::sendEmail."
                            + " (A reference to a varargs method is compiled to a lambda, too.)");
        }
        if (lambda.getCapturedArgCount() > 0) {
            throw new IllegalArgumentException(
                    "a reference to a method of one object names its arguments wrongly; write "
                            + lambda.getImplClass().replaceAll(".*[/$]", "") + "::" + name + " instead of object::"
                            + name);
        }
        if (lambda.getImplMethodKind() == MethodHandleInfo.REF_invokeStatic) {
            throw new IllegalArgumentException(
                    name + " is a static method; a task is a public instance method with @Task");
        }
        return definition(reference, lambda);
    }

    private static SerializedLambda open(TaskMethod reference) {
        try {
            Method replace = reference.getClass().getDeclaredMethod("writeReplace");
            replace.setAccessible(true);
            return (SerializedLambda) replace.invoke(reference);
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(
                    "an object of " + reference.getClass().getName()
                            + " names no task; pass a method reference such as MailTasks::sendEmail",
                    e);
        } catch (InaccessibleObjectException e) {
            throw new IllegalArgumentException(
                    "package " + reference.getClass().getPackageName() + " of module "
                            + reference.getClass().getModule().getName()
                            + " must be open to Tidemill so that it can see which method a reference names;"
                            + " add \"opens\" to its module-info, or enqueue by name",
                    e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("the method reference cannot be read", e);
        }
    }

    private static TaskDefinition definition(TaskMethod reference, SerializedLambda lambda) {
        ClassLoader loader = reference.getClass().getClassLoader();
        Class<?>[] parameters = MethodType.fromMethodDescriptorString(lambda.getImplMethodSignature(), loader)
                .parameterArray();
        // What the compiler made of it here: the class that the reference is written with, then the arguments.
        MethodType written = MethodType.fromMethodDescriptorString(lambda.getInstantiatedMethodType(), loader);
        List<String> problems = new ArrayList<>();
        TaskDefinition found =
                TaskDefinitions.read(written.parameterType(0), lambda.getImplMethodName(), parameters, problems);
        if (found == null) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        if (found.batch() != null) {
            return ofBatch(reference, found);
        }
        List<Type> types = new ArrayList<>();
        for (Type each : found.parameterTypes()) {
            types.add(each instanceof TypeVariable ? written.parameterType(types.size() + 1) : each);
        }
        return found.withTypes(types, result(reference, found, written.returnType()));
    }

    /** The batch hides the types of its items from the JVM: where the method leaves them open, they stay so. */
    private static TaskDefinition ofBatch(TaskMethod reference, TaskDefinition found) {
        if (!(reference instanceof TaskMethod.OfBatch)) {
            throw new IllegalArgumentException(found.signature()
                    + " takes a batch, and each of its jobs is one item of it; write Call.item(reference, value)"
                    + " instead of call, and TaskRef.batch(reference) instead of task");
        }
        return found;
    }

    /** A reference knows what its method returns, also where the method leaves that open. */
    private static Type result(TaskMethod reference, TaskDefinition found, Class<?> written) {
        if (found.isAsync() && !(reference instanceof TaskMethod.Async)) {
            throw new IllegalArgumentException(found.signature()
                    + " returns a stage, so its result is what the stage completes with, and the reference takes the"
                    + " stage itself for the result; pass the method reference directly, or declare the variable as"
                    + " TaskMethod.Async" + found.parameterTypes().size());
        }
        Type result = found.resultType();
        if (result instanceof TypeVariable) {
            return found.isAsync() ? Object.class : written;
        }
        return result;
    }
}
