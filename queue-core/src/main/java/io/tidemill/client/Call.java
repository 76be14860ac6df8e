package io.tidemill.client;

import io.tidemill.definition.TaskReferences;
import io.tidemill.lint.CheckReturnValue;
import io.tidemill.task.JobOptions;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import io.tidemill.task.Unique;
import io.tidemill.text.Names;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task, its arguments and the choices of this one request: what {@code enqueue} takes. The compiler checks the
 * arguments against the method and knows the result.
 *
 * <pre>{@code
 * queue.enqueue(call(MailTasks::sendEmail, "ada@example.com", "Still there?")
 *         .delay(Duration.ofHours(24))
 *         .priority(8));
 * }</pre>
 *
 * <p>Immutable, as far as the arguments are. They are written when the call is enqueued, before {@code enqueue},
 * {@code enqueueAsync} and {@code enqueueAll} return: what becomes of a list after that does not matter, and what it
 * holds then is what is sent.
 *
 * @param <R> what the task returns; {@code Void} if nothing
 */
@CheckReturnValue
@SuppressWarnings("overloads") // exact method references tell value from void; tried on 17 and 25
public final class Call<R extends @Nullable Object> implements JobRequest<R> {

    private final String task;
    private final @Nullable TaskDefinition definition;
    private final @Nullable Object[] arguments;
    private final JobOptions options;

    private Call(String task, @Nullable TaskDefinition definition, @Nullable Object[] arguments, JobOptions options) {
        this.task = task;
        this.definition = definition;
        this.arguments = arguments;
        this.options = options;
    }

    static <R extends @Nullable Object> Call<R> of(TaskDefinition definition, @Nullable Object... arguments) {
        return new Call<>(definition.name(), definition, arguments, JobOptions.defaults());
    }

    /**
     * A call of a task as it is declared, with arguments that no compiler has checked: for those who extend the
     * library. Others write {@link #call}.
     */
    public static Call<?> ofDeclared(TaskDefinition definition, @Nullable Object... arguments) {
        return of(definition, arguments);
    }

    /** The same call with these choices: for those who extend the library. */
    public Call<R> withOptions(JobOptions choices) {
        return with(choices);
    }

    private static <R extends @Nullable Object> Call<R> of(TaskMethod method, @Nullable Object... arguments) {
        return of(TaskReferences.resolve(method), arguments);
    }

    /**
     * A task by its name, for producers that do not have its class. When the task is registered in this process,
     * arguments are checked against it and its own queue and priority hold. When it is not, arguments are taken as they
     * are and the job goes to queue "default": say {@link #queue} if the task's workers serve another.
     *
     * @throws IllegalArgumentException if the name is not a name
     */
    public static Call<Object> named(String task, @Nullable Object... arguments) {
        // What a caller means who passes null to the dots: one argument that is null. The caller may keep an array.
        @Nullable Object[] given = arguments == null ? new @Nullable Object[] {null} : arguments.clone();
        return new Call<>(Names.check("task name", task), null, given, JobOptions.defaults());
    }

    /** A call of a task that returns a value. */
    public static <T, R extends @Nullable Object> Call<R> call(TaskMethod.Value0<T, R> method) {
        return of(method);
    }

    /** A call of a task that returns nothing. */
    public static <T> Call<@Nullable Void> call(TaskMethod.Void0<T> method) {
        return of(method);
    }

    /** A call of a task that returns a stage, for what the stage completes with. */
    public static <T, R extends @Nullable Object> Call<R> call(TaskMethod.Async0<T, R> method) {
        return of(method);
    }

    /** A call of a task that returns a value. */
    public static <T, A, R extends @Nullable Object> Call<R> call(TaskMethod.Value1<T, A, R> method, A a) {
        return of(method, a);
    }

    /** A call of a task that returns nothing. */
    public static <T, A> Call<@Nullable Void> call(TaskMethod.Void1<T, A> method, A a) {
        return of(method, a);
    }

    /** A call of a task that returns a stage, for what the stage completes with. */
    public static <T, A, R extends @Nullable Object> Call<R> call(TaskMethod.Async1<T, A, R> method, A a) {
        return of(method, a);
    }

    /** A call of a batch task whose jobs have no result: one item of a later batch. */
    public static <T, A> Call<@Nullable Void> item(TaskMethod.BatchVoid<T, A> method, A a) {
        return of(method, a);
    }

    /** A call of a batch task whose jobs have a result: one item of a later batch. */
    public static <T, A, R extends @Nullable Object> Call<R> item(TaskMethod.BatchValue<T, A, R> method, A a) {
        return of(method, a);
    }

    /** A call of a task that returns a value. */
    public static <T, A, B, R extends @Nullable Object> Call<R> call(TaskMethod.Value2<T, A, B, R> method, A a, B b) {
        return of(method, a, b);
    }

    /** A call of a task that returns nothing. */
    public static <T, A, B> Call<@Nullable Void> call(TaskMethod.Void2<T, A, B> method, A a, B b) {
        return of(method, a, b);
    }

    /** A call of a task that returns a stage, for what the stage completes with. */
    public static <T, A, B, R extends @Nullable Object> Call<R> call(TaskMethod.Async2<T, A, B, R> method, A a, B b) {
        return of(method, a, b);
    }

    /** A call of a task that returns a value. */
    public static <T, A, B, C, R extends @Nullable Object> Call<R> call(
            TaskMethod.Value3<T, A, B, C, R> method, A a, B b, C c) {
        return of(method, a, b, c);
    }

    /** A call of a task that returns nothing. */
    public static <T, A, B, C> Call<@Nullable Void> call(TaskMethod.Void3<T, A, B, C> method, A a, B b, C c) {
        return of(method, a, b, c);
    }

    /** A call of a task that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, R extends @Nullable Object> Call<R> call(
            TaskMethod.Async3<T, A, B, C, R> method, A a, B b, C c) {
        return of(method, a, b, c);
    }

    /** A call of a task that returns a value. */
    public static <T, A, B, C, D, R extends @Nullable Object> Call<R> call(
            TaskMethod.Value4<T, A, B, C, D, R> method, A a, B b, C c, D d) {
        return of(method, a, b, c, d);
    }

    /** A call of a task that returns nothing. */
    public static <T, A, B, C, D> Call<@Nullable Void> call(
            TaskMethod.Void4<T, A, B, C, D> method, A a, B b, C c, D d) {
        return of(method, a, b, c, d);
    }

    /** A call of a task that returns a stage, for what the stage completes with. */
    public static <T, A, B, C, D, R extends @Nullable Object> Call<R> call(
            TaskMethod.Async4<T, A, B, C, D, R> method, A a, B b, C c, D d) {
        return of(method, a, b, c, d);
    }

    /** The same call, not before so long from now, by the broker's clock. 0 to 10 years. */
    public Call<R> delay(Duration delay) {
        return with(options.withDelay(delay));
    }

    /** The same call, not before this instant, by the broker's clock. An instant in the past means now. */
    public Call<R> at(Instant instant) {
        return with(options.withAt(instant));
    }

    /** The same call with a priority, 0 (last) to 9 (first). */
    public Call<R> priority(int priority) {
        return with(options.withPriority(priority));
    }

    /**
     * The same call with an id of yours, printable text of 1 to 256 characters. A second job with an id that is still
     * known changes nothing: one that waits, runs, is dead, was cancelled within the last hour, or whose result is
     * still kept.
     */
    public Call<R> id(String id) {
        return with(options.withId(id));
    }

    /** The same call in another queue than the task's. Some worker must serve it. */
    public Call<R> queue(String queue) {
        return with(options.withQueue(queue));
    }

    /**
     * The same call in this group, printable text of 1 to 256 characters: its jobs wait in one line, first in, first
     * out, and groups take turns. They ignore priorities among themselves.
     */
    public Call<R> group(String group) {
        return with(options.withGroup(group));
    }

    /** The same call with another limit for one run. 1 ms to 10 years. */
    public Call<R> timeout(Duration timeout) {
        return with(options.withTimeout(timeout));
    }

    /** The same call with another number of attempts, 1 to 10,000. */
    public Call<R> maxAttempts(int attempts) {
        return with(options.withMaxAttempts(attempts));
    }

    /**
     * The same call with another number of attempts and other waits between them. Which failures are tried again is
     * always the task's choice. A {@link #maxAttempts} that follows changes the number.
     *
     * @throws IllegalArgumentException if the policy names failures, in {@code on} or {@code giveUpOn}
     */
    public Call<R> retry(RetryPolicy policy) {
        return with(options.withRetry(policy));
    }

    /**
     * The same call, unless another one with this key is there and has not ended: then {@code enqueue} stores nothing
     * and gives that one's handle. Keys belong to the queue and are printable text of 1 to 256 characters.
     */
    public Call<R> unique(String key) {
        return unique(Unique.untilDone(key));
    }

    /**
     * The same call, unless another one with this key was stored within so long before. A job that ends without success
     * does not count. 1 ms to 10 years.
     */
    public Call<R> unique(String key, Duration window) {
        return unique(Unique.within(key, window));
    }

    /** The same call, as the only one with a key: says for how long, and what becomes of a second one. */
    public Call<R> unique(Unique unique) {
        return with(options.withUnique(unique));
    }

    /**
     * The same call, which must start within so long from now, by the broker's clock: otherwise it ends as expired and
     * does not run. A job that has started no longer expires; its retries may come later. Longer than 0 and the delay,
     * at most 10 years.
     */
    public Call<R> expiresIn(Duration limit) {
        return with(options.withExpiresIn(limit));
    }

    /**
     * The same call, whose job has to end before the run in which the call is made has to end
     * ({@link io.tidemill.task.TaskContext#remaining}): it expires if it has not started by then, a run is given no
     * more than what is left, and no retry comes later. A job that it enqueues may inherit the rest in turn. Without
     * effect where no task runs, and in a run without a timeout. Default: a job does not know which job enqueued it.
     *
     * <p>The time is kept by the clocks of the processes that enqueue and run, so they have to agree.
     */
    public Call<R> inheritDeadline() {
        return with(options.withInheritDeadline(true));
    }

    /** The same call with a small text that travels along; see {@code TaskContext.headers()}. */
    public Call<R> header(String header, String value) {
        return with(options.withHeader(header, value));
    }

    private Call<R> with(JobOptions changed) {
        return new Call<>(task, definition, arguments, changed);
    }

    /** The task's name. */
    @Override
    public String task() {
        return task;
    }

    /** What the task's annotation says; empty for a call by name. */
    public Optional<TaskDefinition> definition() {
        return Optional.ofNullable(definition);
    }

    /** The arguments, in their order; not to be changed. */
    public List<@Nullable Object> arguments() {
        return Collections.unmodifiableList(Arrays.asList(arguments));
    }

    /** The choices of this request. */
    public JobOptions options() {
        return options;
    }

    /** The task, the number of arguments and the options. Arguments and values of headers may be secret: not shown. */
    @Override
    public String toString() {
        return "call of " + task + " with " + Texts.count(arguments.length, "argument")
                + (options == JobOptions.defaults() ? "" : ", " + options);
    }
}
