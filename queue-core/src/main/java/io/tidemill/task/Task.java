package io.tidemill.task;

import io.tidemill.text.Names;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares a method as a task: something that can be requested as a job and is run by a worker, perhaps in another
 * process and perhaps more than once. Goes on a public instance method of a class, or of an interface that producers
 * share with workers.
 *
 * <p>A task runs at least once for each job. Write it so that a second run with the same arguments does no harm;
 * {@link TaskContext#jobId()} stays the same over all attempts and makes a good idempotency key.
 *
 * <p>A method that returns a {@code CompletionStage} makes an async task: the job ends when the stage does, with what
 * it completes with, and no thread waits meanwhile. The job keeps its slot. A timeout, a cancel or the stop of the
 * worker cancels the stage with {@code toCompletableFuture().cancel(true)}; one that does not end by that is abandoned
 * as a method that ignores an interrupt is. A stage that nobody ever completes holds its slot until its timeout, so
 * give async tasks one.
 *
 * <p>A method whose one parameter is a {@link Batch} makes a batch task: it runs once for several jobs, each of which
 * has one argument and ends alone.
 *
 * <p>Method names must be unique among the tasks of a class: an overloaded method cannot be named by a method reference
 * without ambiguity and is refused at registration.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Task {

    /**
     * The stable name that is stored with each job. Default: the method's name. Give one explicitly before you rename a
     * method, or list the old name in {@link #aliases}: else jobs that are still stored under it find no task.
     *
     * <p>Matches {@code [A-Za-z0-9._:-]{1,128}}.
     */
    String name() default "";

    /**
     * Names that the task had before. Jobs that are stored under one of them run as this task, and schedules and calls
     * by name that use one find it; new jobs of method references are stored under {@link #name}. Events, logs and
     * {@link TaskContext#task} show the name that the job was stored under. A name that another task has, as a name or
     * an alias, is refused at the start. Remove an alias when no job is stored under it any more.
     *
     * <p>A schedule that an annotation made has the name of its task. When a task with such an annotation gets another
     * name, remove the schedule of the old name: until then both fire.
     */
    String[] aliases() default {};

    /**
     * The version of its arguments, 1 to 1,000. Raise it when jobs that are stored by then cannot be read any more, and
     * say with {@code TaskQueueBuilder.upcaster} how the arguments of the version before become those of this one. A
     * worker leaves jobs of a newer version than its own for others, as those of tasks that it does not know.
     */
    int version() default 1;

    /** The queue that its jobs wait in, unless a call says otherwise. Default {@code "default"}. */
    String queue() default Names.DEFAULT_QUEUE;

    /** Priority of its jobs, 0 (last) to 9 (first), unless a call says otherwise. Default 4. */
    int priority() default Priority.DEFAULT;

    /**
     * The group of its jobs, unless a call says otherwise: jobs of a group wait in one line, and groups take turns.
     * <code>{0}</code> stands for the text of the first argument, as in <code>"customer:{0}"</code>. A text that is
     * longer than 256 characters, empty or not printable is replaced by a hash of it. Default: no group.
     */
    String group() default "";

    /**
     * How long one run may take, for example {@code "30s"}, {@code "5m"} or {@code "PT30S"}. A run that takes longer is
     * interrupted (the stage of an async task is cancelled), counted as failed and, if it ignores the interrupt,
     * abandoned. Default: no limit. Range 1 ms to 10 years.
     */
    String timeout() default "";

    /**
     * When a failed run is tried again. Default: the policy of the {@code TaskQueue}, which is 16 attempts, 2 s
     * doubling up to 1 h, with jitter.
     */
    Retry retry() default @Retry;

    /**
     * How long the returned value is kept for {@code await} and {@code result}. Default {@code "1h"}. Range 1 ms to 10
     * years. Tasks that return {@code void} keep nothing.
     */
    String resultTtl() default "1h";

    /**
     * How long a job is kept after it succeeded, for example {@code "1d"}: its state, times, counts and arguments stay
     * readable, and it is listed and counted as {@code SUCCEEDED}. Of each queue the newest 10,000 are kept, unless the
     * {@code TaskQueue} says otherwise. Range 1 ms to 10 years. Default: as the {@code TaskQueue} says, which keeps
     * none.
     */
    String keep() default "";

    /**
     * How many jobs run together, and how long they wait for each other. Only for a method that takes a {@link Batch};
     * default there: 100 jobs, 1 s.
     */
    BatchSize batch() default @BatchSize;
}
