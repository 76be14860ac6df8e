package io.tidemill.task;

import java.io.Serializable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a task method, written {@code MailTasks::sendEmail}: the class (or interface) that declares it, its
 * arguments and its result, all checked by the compiler. The number in each name is the number of arguments;
 * {@code Value} methods return something, {@code Void} methods nothing, {@code Async} methods a {@link CompletionStage}
 * whose value is the result of the job. {@code Batch} methods take a {@link Batch} of jobs, and a reference to one is
 * typed by the value of an item and its result.
 *
 * <p>A reference is never called and never stored: Tidemill asks the JVM which method it names
 * ({@link java.lang.invoke.SerializedLambda}), once per call site, and stores that method's task name. That is the only
 * reason why these types are serializable.
 *
 * <p>Overloaded methods make a reference ambiguous, and lambdas name no method: both are refused with that reason.
 */
public interface TaskMethod extends Serializable {

    /** A task method that returns a {@link CompletionStage}: the job ends when the stage does. */
    interface Async extends TaskMethod {}

    /** A task method that takes a {@link Batch}: its jobs have one argument, the value of an item. */
    interface OfBatch extends TaskMethod {}

    /** A batch task whose jobs have no result. */
    @FunctionalInterface
    interface BatchVoid<T, A> extends OfBatch {
        void call(T task, Batch<A> batch) throws Throwable;
    }

    /** A batch task whose jobs have a result. */
    @FunctionalInterface
    interface BatchValue<T, A, R extends @Nullable Object> extends OfBatch {
        void call(T task, Batch.WithResults<A, R> batch) throws Throwable;
    }

    /** A task method with no argument that returns a value. */
    @FunctionalInterface
    interface Value0<T, R extends @Nullable Object> extends TaskMethod {
        R call(T task) throws Throwable;
    }

    /** A task method with no argument that returns nothing. */
    @FunctionalInterface
    interface Void0<T> extends TaskMethod {
        void call(T task) throws Throwable;
    }

    /** A task method with no argument that returns a stage. */
    @FunctionalInterface
    interface Async0<T, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task) throws Throwable;
    }

    /** A task method with one argument that returns a value. */
    @FunctionalInterface
    interface Value1<T, A, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a) throws Throwable;
    }

    /** A task method with one argument that returns nothing. */
    @FunctionalInterface
    interface Void1<T, A> extends TaskMethod {
        void call(T task, A a) throws Throwable;
    }

    /** A task method with one argument that returns a stage. */
    @FunctionalInterface
    interface Async1<T, A, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a) throws Throwable;
    }

    /** A task method with 2 arguments that returns a value. */
    @FunctionalInterface
    interface Value2<T, A, B, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a, B b) throws Throwable;
    }

    /** A task method with 2 arguments that returns nothing. */
    @FunctionalInterface
    interface Void2<T, A, B> extends TaskMethod {
        void call(T task, A a, B b) throws Throwable;
    }

    /** A task method with 2 arguments that returns a stage. */
    @FunctionalInterface
    interface Async2<T, A, B, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a, B b) throws Throwable;
    }

    /** A task method with 3 arguments that returns a value. */
    @FunctionalInterface
    interface Value3<T, A, B, C, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a, B b, C c) throws Throwable;
    }

    /** A task method with 3 arguments that returns nothing. */
    @FunctionalInterface
    interface Void3<T, A, B, C> extends TaskMethod {
        void call(T task, A a, B b, C c) throws Throwable;
    }

    /** A task method with 3 arguments that returns a stage. */
    @FunctionalInterface
    interface Async3<T, A, B, C, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a, B b, C c) throws Throwable;
    }

    /** A task method with 4 arguments that returns a value. */
    @FunctionalInterface
    interface Value4<T, A, B, C, D, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a, B b, C c, D d) throws Throwable;
    }

    /** A task method with 4 arguments that returns nothing. */
    @FunctionalInterface
    interface Void4<T, A, B, C, D> extends TaskMethod {
        void call(T task, A a, B b, C c, D d) throws Throwable;
    }

    /** A task method with 4 arguments that returns a stage. */
    @FunctionalInterface
    interface Async4<T, A, B, C, D, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a, B b, C c, D d) throws Throwable;
    }

    /** A task method with 5 arguments that returns a value. */
    @FunctionalInterface
    interface Value5<T, A, B, C, D, E, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a, B b, C c, D d, E e) throws Throwable;
    }

    /** A task method with 5 arguments that returns nothing. */
    @FunctionalInterface
    interface Void5<T, A, B, C, D, E> extends TaskMethod {
        void call(T task, A a, B b, C c, D d, E e) throws Throwable;
    }

    /** A task method with 5 arguments that returns a stage. */
    @FunctionalInterface
    interface Async5<T, A, B, C, D, E, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a, B b, C c, D d, E e) throws Throwable;
    }

    /** A task method with 6 arguments that returns a value. */
    @FunctionalInterface
    interface Value6<T, A, B, C, D, E, F, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a, B b, C c, D d, E e, F f) throws Throwable;
    }

    /** A task method with 6 arguments that returns nothing. */
    @FunctionalInterface
    interface Void6<T, A, B, C, D, E, F> extends TaskMethod {
        void call(T task, A a, B b, C c, D d, E e, F f) throws Throwable;
    }

    /** A task method with 6 arguments that returns a stage. */
    @FunctionalInterface
    interface Async6<T, A, B, C, D, E, F, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a, B b, C c, D d, E e, F f) throws Throwable;
    }

    /** A task method with 7 arguments that returns a value. */
    @FunctionalInterface
    interface Value7<T, A, B, C, D, E, F, G, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a, B b, C c, D d, E e, F f, G g) throws Throwable;
    }

    /** A task method with 7 arguments that returns nothing. */
    @FunctionalInterface
    interface Void7<T, A, B, C, D, E, F, G> extends TaskMethod {
        void call(T task, A a, B b, C c, D d, E e, F f, G g) throws Throwable;
    }

    /** A task method with 7 arguments that returns a stage. */
    @FunctionalInterface
    interface Async7<T, A, B, C, D, E, F, G, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a, B b, C c, D d, E e, F f, G g) throws Throwable;
    }

    /** A task method with 8 arguments that returns a value. */
    @FunctionalInterface
    interface Value8<T, A, B, C, D, E, F, G, H, R extends @Nullable Object> extends TaskMethod {
        R call(T task, A a, B b, C c, D d, E e, F f, G g, H h) throws Throwable;
    }

    /** A task method with 8 arguments that returns nothing. */
    @FunctionalInterface
    interface Void8<T, A, B, C, D, E, F, G, H> extends TaskMethod {
        void call(T task, A a, B b, C c, D d, E e, F f, G g, H h) throws Throwable;
    }

    /** A task method with 8 arguments that returns a stage. */
    @FunctionalInterface
    interface Async8<T, A, B, C, D, E, F, G, H, R extends @Nullable Object> extends Async {
        CompletionStage<R> call(T task, A a, B b, C c, D d, E e, F f, G g, H h) throws Throwable;
    }
}
