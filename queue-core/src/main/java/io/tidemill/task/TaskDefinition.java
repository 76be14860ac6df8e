package io.tidemill.task;

import io.tidemill.text.Names;
import io.tidemill.text.OptionValues;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task as it is declared by a {@link Task} annotation, or by a handler, with the settings of this process.
 *
 * <p>Immutable. Made when tasks are registered; the {@code with} methods are for those who extend the library.
 */
public final class TaskDefinition {

    /** How long results are kept unless the task says otherwise. */
    private static final Duration DEFAULT_RESULT_TTL = Duration.ofHours(1);

    private final String name;
    private final @Nullable Method method;
    private final List<Type> parameterTypes;
    private final Type resultType;
    private final boolean isAsync;
    private final Values values;

    private TaskDefinition(
            String name,
            @Nullable Method method,
            List<Type> parameterTypes,
            Type resultType,
            boolean isAsync,
            Values values) {
        this.name = name;
        this.method = method;
        this.parameterTypes = List.copyOf(parameterTypes);
        this.resultType = resultType;
        this.isAsync = isAsync;
        this.values = values;
    }

    /**
     * A task with the defaults of {@link Task}.
     *
     * @param method the annotated method; null for a handler
     * @param parameterTypes see {@link #parameterTypes}
     * @param resultType see {@link #resultType}
     */
    public static TaskDefinition of(String name, @Nullable Method method, List<Type> parameterTypes, Type resultType) {
        return new TaskDefinition(name, method, parameterTypes, resultType, false, new Values());
    }

    /** The stable name. */
    public String name() {
        return name;
    }

    /**
     * The names that it had before; jobs that are stored under them run as this task. In the order of the annotation.
     */
    public List<String> aliases() {
        return values.aliases;
    }

    /** The version of its arguments, from 1. */
    public int version() {
        return values.version;
    }

    /** Whether any argument, or a part of one, is marked {@link Secret}. */
    public boolean hasSecrets() {
        return !values.secrets.isEmpty();
    }

    /** Whether this argument, counted from 0, or a part of it is marked {@link Secret}. */
    public boolean hasSecrets(int argument) {
        return values.secrets.contains(argument);
    }

    /** Whether this argument, counted from 0, is marked {@link Secret} as a whole. */
    public boolean isSecret(int argument) {
        return values.wholeSecrets.contains(argument);
    }

    /** The queue of its jobs. */
    public String queue() {
        return values.queue;
    }

    /** The priority of its jobs, 0 to 9. */
    public int priority() {
        return values.priority;
    }

    /** How the groups of its jobs are named; null for none. */
    public @Nullable GroupTemplate group() {
        return values.group;
    }

    /** How long one run may take; null for no limit. */
    public @Nullable Duration timeout() {
        return values.timeout;
    }

    /** When a failed run is tried again. */
    public RetryPolicy retry() {
        return values.retry;
    }

    /** How long a returned value is kept. */
    public Duration resultTtl() {
        return values.resultTtl;
    }

    /** How long a job is kept after it succeeded; null as the {@code TaskQueue} says. */
    public @Nullable Duration keep() {
        return values.keep;
    }

    /** The annotated method; null for a handler. */
    public @Nullable Method method() {
        return method;
    }

    /**
     * The declared types of the arguments, generics kept, type variables resolved against the class that runs the task.
     * Of a method that takes a {@link Batch}, the type of an item's value.
     */
    public List<Type> parameterTypes() {
        return parameterTypes;
    }

    /**
     * The declared type of the result, likewise; of the class that runs the task if it declares a narrower one than the
     * annotated method. Of a method that returns a {@code CompletionStage}, what the stage completes with; of one that
     * takes a {@link Batch}, the result of each item.
     */
    public Type resultType() {
        return resultType;
    }

    /**
     * Whether a run goes on in a {@code CompletionStage} and ends when that does: the method returns one, or it takes a
     * {@link Batch}, where each job has a stage that its answer completes.
     */
    public boolean isAsync() {
        return isAsync;
    }

    /** How its jobs are collected into a {@link Batch}; null for a task that runs each job alone. */
    public @Nullable BatchOptions batch() {
        return values.batch;
    }

    /** Whether a run returns a value that is kept for whoever awaits it. */
    public boolean hasResult() {
        return resultType != void.class && resultType != Void.class;
    }

    /** The same with other types, for a reference that knows more of them than the method says. */
    public TaskDefinition withTypes(List<Type> parameters, Type result) {
        return new TaskDefinition(name, method, parameters, result, isAsync, values);
    }

    /** The same, of a method that returns a stage of the result. */
    public TaskDefinition asAsync() {
        return new TaskDefinition(name, method, parameterTypes, resultType, true, values);
    }

    /** The same, of a method that takes a {@link Batch}. */
    public TaskDefinition withBatch(BatchOptions value) {
        return asAsync().with(to -> to.batch = value);
    }

    /** The same with other {@link #aliases}. */
    public TaskDefinition withAliases(List<String> value) {
        return with(to -> to.aliases = List.copyOf(value));
    }

    /** The same with another {@link #version}. */
    public TaskDefinition withVersion(int value) {
        return with(to -> to.version = value);
    }

    /**
     * The same with these arguments marked {@link Secret}.
     *
     * @param whole positions of those that are marked themselves
     * @param partly positions of those that have marked parts
     */
    public TaskDefinition withSecrets(Set<Integer> whole, Set<Integer> partly) {
        Set<Integer> all = new HashSet<>(whole);
        all.addAll(partly);
        return with(to -> {
            to.wholeSecrets = Set.copyOf(whole);
            to.secrets = Set.copyOf(all);
        });
    }

    /** The same with another {@link #queue}. */
    public TaskDefinition withQueue(String value) {
        return with(to -> to.queue = value);
    }

    /** The same with another {@link #priority}. */
    public TaskDefinition withPriority(int value) {
        return with(to -> to.priority = value);
    }

    /** The same with another {@link #group}. */
    public TaskDefinition withGroup(@Nullable GroupTemplate value) {
        return with(to -> to.group = value);
    }

    /** The same with another {@link #timeout}. */
    public TaskDefinition withTimeout(@Nullable Duration value) {
        return with(to -> to.timeout = value);
    }

    /** The same with another {@link #retry}. */
    public TaskDefinition withRetry(RetryPolicy value) {
        return with(to -> to.retry = value);
    }

    /** The same with another {@link #resultTtl}. */
    public TaskDefinition withResultTtl(Duration value) {
        return with(to -> to.resultTtl = value);
    }

    /** The same with another {@link #keep}. */
    public TaskDefinition withKeep(@Nullable Duration value) {
        return with(to -> to.keep = value);
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

    @Override
    public String toString() {
        return "task " + name + " of queue " + values.queue + ", declared as " + signature();
    }

    private TaskDefinition with(Consumer<Values> change) {
        return new TaskDefinition(name, method, parameterTypes, resultType, isAsync, values.with(change));
    }

    /** What a process may set otherwise, each with its default. */
    private static final class Values extends OptionValues<Values> {

        private List<String> aliases = List.of();
        private int version = 1;
        private Set<Integer> wholeSecrets = Set.of();
        private Set<Integer> secrets = Set.of();
        private String queue = Names.DEFAULT_QUEUE;
        private int priority = Priority.DEFAULT;
        private @Nullable GroupTemplate group;
        private @Nullable Duration timeout;
        private RetryPolicy retry = RetryPolicy.defaults();
        private Duration resultTtl = DEFAULT_RESULT_TTL;
        private @Nullable Duration keep;
        private @Nullable BatchOptions batch;

        @Override
        protected void check() {
            aliases.forEach(alias -> Names.check("alias", alias));
            if (version < 1 || version > Upcaster.MAX_VERSION) {
                throw new IllegalArgumentException("version must be 1 to 1,000, got " + version);
            }
            Names.check("queue name", queue);
            Priority.check(priority);
        }
    }
}
