package io.tidemill.client;

import io.tidemill.definition.TaskReferences;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import org.jspecify.annotations.Nullable;

/**
 * A task, typed by its arguments and its result. It makes calls, and it finds jobs of the task:
 *
 * <pre>{@code
 * static final TaskRef.Of2<String, String, Receipt> SEND = task(MailTasks::sendEmail);
 *
 * JobHandle<Receipt> job = queue.enqueue(SEND.call("ada@example.com", "Welcome").priority(8));
 * JobHandle<Receipt> same = queue.job(SEND, job.id());
 * }</pre>
 *
 * <p>A wrong argument of {@code call} is a compile error of one line. The number in the name of each nested class is
 * the number of arguments.
 *
 * <p>Immutable and thread-safe.
 *
 * @param <R> what the task returns; {@code Void} if nothing
 */
@SuppressWarnings("overloads") // exact method references tell value from void; tried on 17 and 25
public abstract sealed class TaskRef<R extends @Nullable Object> {

    private final TaskDefinition definition;

    private TaskRef(TaskMethod method) {
        this.definition = TaskReferences.resolve(method);
    }

    /** A task with no argument that returns a value. */
    public static <T, R extends @Nullable Object> Of0<R> task(TaskMethod.Value0<T, R> method) {
        return new Of0<>(method);
    }

    /** A task with no argument that returns nothing. */
    public static <T> Of0<@Nullable Void> task(TaskMethod.Void0<T> method) {
        return new Of0<>(method);
    }

    /** A task with no argument that returns a stage, for what the stage completes with. */
    public static <T, R extends @Nullable Object> Of0<R> task(TaskMethod.Async0<T, R> method) {
        return new Of0<>(method);
    }

    /** A task with one argument that returns a value. */
    public static <T, A, R extends @Nullable Object> Of1<A, R> task(TaskMethod.Value1<T, A, R> method) {
        return new Of1<>(method);
    }

    /** A task with one argument that returns nothing. */
    public static <T, A> Of1<A, @Nullable Void> task(TaskMethod.Void1<T, A> method) {
        return new Of1<>(method);
    }

    /** A task with one argument that returns a stage, for what the stage completes with. */
    public static <T, A, R extends @Nullable Object> Of1<A, R> task(TaskMethod.Async1<T, A, R> method) {
        return new Of1<>(method);
    }

    /** A batch task whose jobs have no result. The argument is the value of an item. */
    public static <T, A> Of1<A, @Nullable Void> batch(TaskMethod.BatchVoid<T, A> method) {
        return new Of1<>(method);
    }

    /** A batch task whose jobs have a result. The argument is the value of an item. */
    public static <T, A, R extends @Nullable Object> Of1<A, R> batch(TaskMethod.BatchValue<T, A, R> method) {
        return new Of1<>(method);
    }

    /** A task with 2 arguments that returns a value. */
    public static <T, A, B, R extends @Nullable Object> Of2<A, B, R> task(TaskMethod.Value2<T, A, B, R> method) {
        return new Of2<>(method);
    }

    /** A task with 2 arguments that returns nothing. */
    public static <T, A, B> Of2<A, B, @Nullable Void> task(TaskMethod.Void2<T, A, B> method) {
        return new Of2<>(method);
    }

    /** A task with 2 arguments that returns a stage, for what the stage completes with. */
    public static <T, A, B, R extends @Nullable Object> Of2<A, B, R> task(TaskMethod.Async2<T, A, B, R> method) {
        return new Of2<>(method);
    }

    /** A task with 3 arguments that returns a value. */
    public static <T, A, B, C, R extends @Nullable Object> Of3<A, B, C, R> task(
            TaskMethod.Value3<T, A, B, C, R> method) {
        return new Of3<>(method);
    }

    /** A task with 3 arguments that returns nothing. */
    public static <T, A, B, C> Of3<A, B, C, @Nullable Void> task(TaskMethod.Void3<T, A, B, C> method) {
        return new Of3<>(method);
    }

    /** A task with 3 arguments that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, R extends @Nullable Object> Of3<A, B, C, R> task(
            TaskMethod.Async3<T, A, B, C, R> method) {
        return new Of3<>(method);
    }

    /** A task with 4 arguments that returns a value. */
    public static <T, A, B, C, D, R extends @Nullable Object> Of4<A, B, C, D, R> task(
            TaskMethod.Value4<T, A, B, C, D, R> method) {
        return new Of4<>(method);
    }

    /** A task with 4 arguments that returns nothing. */
    public static <T, A, B, C, D> Of4<A, B, C, D, @Nullable Void> task(TaskMethod.Void4<T, A, B, C, D> method) {
        return new Of4<>(method);
    }

    /** A task with 4 arguments that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, D, R extends @Nullable Object> Of4<A, B, C, D, R> task(
            TaskMethod.Async4<T, A, B, C, D, R> method) {
        return new Of4<>(method);
    }

    /** A task with 5 arguments that returns a value. */
    public static <T, A, B, C, D, E, R extends @Nullable Object> Of5<A, B, C, D, E, R> task(
            TaskMethod.Value5<T, A, B, C, D, E, R> method) {
        return new Of5<>(method);
    }

    /** A task with 5 arguments that returns nothing. */
    public static <T, A, B, C, D, E> Of5<A, B, C, D, E, @Nullable Void> task(
            TaskMethod.Void5<T, A, B, C, D, E> method) {
        return new Of5<>(method);
    }

    /** A task with 5 arguments that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, D, E, R extends @Nullable Object> Of5<A, B, C, D, E, R> task(
            TaskMethod.Async5<T, A, B, C, D, E, R> method) {
        return new Of5<>(method);
    }

    /** A task with 6 arguments that returns a value. */
    public static <T, A, B, C, D, E, F, R extends @Nullable Object> Of6<A, B, C, D, E, F, R> task(
            TaskMethod.Value6<T, A, B, C, D, E, F, R> method) {
        return new Of6<>(method);
    }

    /** A task with 6 arguments that returns nothing. */
    public static <T, A, B, C, D, E, F> Of6<A, B, C, D, E, F, @Nullable Void> task(
            TaskMethod.Void6<T, A, B, C, D, E, F> method) {
        return new Of6<>(method);
    }

    /** A task with 6 arguments that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, D, E, F, R extends @Nullable Object> Of6<A, B, C, D, E, F, R> task(
            TaskMethod.Async6<T, A, B, C, D, E, F, R> method) {
        return new Of6<>(method);
    }

    /** A task with 7 arguments that returns a value. */
    public static <T, A, B, C, D, E, F, G, R extends @Nullable Object> Of7<A, B, C, D, E, F, G, R> task(
            TaskMethod.Value7<T, A, B, C, D, E, F, G, R> method) {
        return new Of7<>(method);
    }

    /** A task with 7 arguments that returns nothing. */
    public static <T, A, B, C, D, E, F, G> Of7<A, B, C, D, E, F, G, @Nullable Void> task(
            TaskMethod.Void7<T, A, B, C, D, E, F, G> method) {
        return new Of7<>(method);
    }

    /** A task with 7 arguments that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, D, E, F, G, R extends @Nullable Object> Of7<A, B, C, D, E, F, G, R> task(
            TaskMethod.Async7<T, A, B, C, D, E, F, G, R> method) {
        return new Of7<>(method);
    }

    /** A task with 8 arguments that returns a value. */
    public static <T, A, B, C, D, E, F, G, H, R extends @Nullable Object> Of8<A, B, C, D, E, F, G, H, R> task(
            TaskMethod.Value8<T, A, B, C, D, E, F, G, H, R> method) {
        return new Of8<>(method);
    }

    /** A task with 8 arguments that returns nothing. */
    public static <T, A, B, C, D, E, F, G, H> Of8<A, B, C, D, E, F, G, H, @Nullable Void> task(
            TaskMethod.Void8<T, A, B, C, D, E, F, G, H> method) {
        return new Of8<>(method);
    }

    /** A task with 8 arguments that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, D, E, F, G, H, R extends @Nullable Object> Of8<A, B, C, D, E, F, G, H, R> task(
            TaskMethod.Async8<T, A, B, C, D, E, F, G, H, R> method) {
        return new Of8<>(method);
    }

    /** The task's name. */
    public String name() {
        return definition.name();
    }

    /** What the task's annotation says. */
    public TaskDefinition definition() {
        return definition;
    }

    @Override
    public String toString() {
        return "task " + name() + ", declared as " + definition.signature();
    }

    /** A task with no argument. */
    public static final class Of0<R extends @Nullable Object> extends TaskRef<R> {

        private Of0(TaskMethod method) {
            super(method);
        }

        /** A call with no argument. */
        public Call<R> call() {
            return Call.of(definition());
        }
    }

    /** A task with one argument. */
    public static final class Of1<A, R extends @Nullable Object> extends TaskRef<R> {

        private Of1(TaskMethod method) {
            super(method);
        }

        /** A call with this argument. */
        public Call<R> call(A a) {
            return Call.of(definition(), a);
        }
    }

    /** A task with 2 arguments. */
    public static final class Of2<A, B, R extends @Nullable Object> extends TaskRef<R> {

        private Of2(TaskMethod method) {
            super(method);
        }

        /** A call with these arguments. */
        public Call<R> call(A a, B b) {
            return Call.of(definition(), a, b);
        }
    }

    /** A task with 3 arguments. */
    public static final class Of3<A, B, C, R extends @Nullable Object> extends TaskRef<R> {

        private Of3(TaskMethod method) {
            super(method);
        }

        /** A call with these arguments. */
        public Call<R> call(A a, B b, C c) {
            return Call.of(definition(), a, b, c);
        }
    }

    /** A task with 4 arguments. */
    public static final class Of4<A, B, C, D, R extends @Nullable Object> extends TaskRef<R> {

        private Of4(TaskMethod method) {
            super(method);
        }

        /** A call with these arguments. */
        public Call<R> call(A a, B b, C c, D d) {
            return Call.of(definition(), a, b, c, d);
        }
    }

    /** A task with 5 arguments. */
    public static final class Of5<A, B, C, D, E, R extends @Nullable Object> extends TaskRef<R> {

        private Of5(TaskMethod method) {
            super(method);
        }

        /** A call with these arguments. */
        public Call<R> call(A a, B b, C c, D d, E e) {
            return Call.of(definition(), a, b, c, d, e);
        }
    }

    /** A task with 6 arguments. */
    public static final class Of6<A, B, C, D, E, F, R extends @Nullable Object> extends TaskRef<R> {

        private Of6(TaskMethod method) {
            super(method);
        }

        /** A call with these arguments. */
        public Call<R> call(A a, B b, C c, D d, E e, F f) {
            return Call.of(definition(), a, b, c, d, e, f);
        }
    }

    /** A task with 7 arguments. */
    public static final class Of7<A, B, C, D, E, F, G, R extends @Nullable Object> extends TaskRef<R> {

        private Of7(TaskMethod method) {
            super(method);
        }

        /** A call with these arguments. */
        public Call<R> call(A a, B b, C c, D d, E e, F f, G g) {
            return Call.of(definition(), a, b, c, d, e, f, g);
        }
    }

    /** A task with 8 arguments. */
    public static final class Of8<A, B, C, D, E, F, G, H, R extends @Nullable Object> extends TaskRef<R> {

        private Of8(TaskMethod method) {
            super(method);
        }

        /** A call with these arguments. */
        public Call<R> call(A a, B b, C c, D d, E e, F f, G g, H h) {
            return Call.of(definition(), a, b, c, d, e, f, g, h);
        }
    }
}
