package io.tidemill.definition;

import io.tidemill.task.GroupTemplate;
import io.tidemill.task.Priority;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.TaskMethod;
import io.tidemill.task.Upcaster;
import io.tidemill.text.Durations;
import io.tidemill.text.Names;
import io.tidemill.text.Texts;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link Task} annotations into {@link TaskDefinition}s, and says everything that is wrong with a class at once.
 */
public final class TaskDefinitions {

    /** The most arguments that a task may take: what {@link TaskMethod} has types for. */
    public static final int MAX_ARGUMENTS = 8;

    private TaskDefinitions() {}

    /**
     * Reads every task that an object of this class offers: methods of the class, its superclasses and its interfaces
     * that carry {@link Task}. An annotation on an interface holds for the class that implements it.
     *
     * @param type the class
     * @param retry when a failed run is tried again, as far as an annotation does not say
     * @param problems where what is wrong is added, one line each
     * @return the tasks that are right, in a stable order
     */
    public static List<TaskDefinition> readAll(Class<?> type, RetryPolicy retry, List<String> problems) {
        TypeVariables variables = new TypeVariables(type);
        Map<String, List<Method>> bySignature = annotatedMethods(type, variables);
        if (bySignature.isEmpty()) {
            problems.add(type.getName() + " has no method with @Task; annotate a public method or leave the object out"
                    + hint(type));
        }
        Map<String, Integer> overloads = new HashMap<>();
        for (List<Method> same : bySignature.values()) {
            overloads.merge(same.get(0).getName(), 1, Integer::sum);
        }
        List<TaskDefinition> definitions = new ArrayList<>();
        for (List<Method> same : bySignature.values()) {
            Method method = same.get(0);
            if (overloads.getOrDefault(method.getName(), 0) > 1) {
                problems.add(type.getSimpleName() + "." + method.getName()
                        + " is overloaded: a method reference to it would be ambiguous; give each task method"
                        + " a name of its own");
                overloads.put(method.getName(), 0);
            } else if (overloads.getOrDefault(method.getName(), 0) == 1) {
                TaskDefinition definition = read(type, variables, method, retry, problems);
                if (definition != null) {
                    definitions.add(definition);
                }
            }
        }
        return definitions;
    }

    private static String hint(Class<?> type) {
        if (type == Class.class) {
            return ". You passed a class: pass an object of it, new MailTasks() instead of MailTasks.class";
        }
        if (Proxy.isProxyClass(type)) {
            return ". You passed a proxy, which shows the methods of its interfaces only: put @Task on the interface,"
                    + " or pass the object behind it";
        }
        return Iterable.class.isAssignableFrom(type) ? ". You passed a collection: pass its elements one by one" : "";
    }

    /**
     * Reads the task that a reference names.
     *
     * @param type the class or interface that the reference is written with
     * @param name the method's name
     * @param parameters its parameter types, as it is declared
     * @return the definition, or null if something is wrong with it and was added to the problems
     */
    public static @Nullable TaskDefinition read(
            Class<?> type, String name, Class<?>[] parameters, List<String> problems) {
        TypeVariables variables = new TypeVariables(type);
        // Who enqueues does not decide on retries.
        return read(type, variables, find(type, variables, name, parameters), RetryPolicy.defaults(), problems);
    }

    /**
     * The definition of a task that a handler runs.
     *
     * @param result the type of its result; null for none
     * @return the definition, or null if something is wrong with it and was added to the problems
     */
    public static @Nullable TaskDefinition handler(
            String name, Class<?> argument, @Nullable Class<?> result, RetryPolicy retry, List<String> problems) {
        int before = problems.size();
        Class<?> returned = result == null ? void.class : result;
        String where = "handle(\"" + name + "\", " + argument.getSimpleName() + ")";
        check(problems, where, () -> Names.check("task name", name));
        Unsendable.argument(where, argument, problems);
        Unsendable.result(where, returned, problems);
        return problems.size() > before
                ? null
                : TaskDefinition.of(name, null, List.of(argument), returned)
                        .withSecrets(Set.of(), Secrets.partly(List.of(argument)))
                        .withRetry(retry);
    }

    /** The name of a group is shown everywhere. */
    private static void checkGroup(
            String where,
            @Nullable GroupTemplate group,
            Set<Integer> whole,
            Set<Integer> partly,
            List<String> problems) {
        Stream.concat(whole.stream(), partly.stream())
                .distinct()
                .filter(argument -> group != null && group.names(argument))
                .forEach(argument -> problems.add(where + ": group \"" + group + "\" would show argument " + argument
                        + ", which is marked @Secret or has a part that is; pass what names the group as an argument"
                        + " of its own"));
    }

    private static @Nullable TaskDefinition read(
            Class<?> type, TypeVariables variables, Method method, RetryPolicy base, List<String> problems) {
        Task task = method.getAnnotation(Task.class);
        String where = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        if (task == null) {
            problems.add(where + " has no @Task annotation; "
                    + (type.isInterface()
                            ? "a reference to an interface does not see the one on a class that implements it, so put"
                                    + " @Task on the method of the interface, or pass the name of the task instead"
                            : "add it, or pass the name of a task instead"));
            return null;
        }
        int before = problems.size();
        if (!Modifier.isPublic(method.getModifiers()) || Modifier.isStatic(method.getModifiers())) {
            problems.add(where + " must be a public instance method to be a task, but is "
                    + (method.getModifiers() == 0 ? "package-private" : Modifier.toString(method.getModifiers())));
        }
        if (method.getParameterCount() > MAX_ARGUMENTS) {
            problems.add(where + " takes " + Texts.count(method.getParameterCount(), "argument")
                    + ", a task takes at most " + MAX_ARGUMENTS + "; put them into a record");
        }
        List<Type> declared = Arrays.stream(method.getGenericParameterTypes())
                .map(variables::resolve)
                .toList();
        Type returned = resultType(type, variables, method);
        BatchParameter batch = BatchParameter.of(where, declared, returned, task.batch(), problems);
        boolean isStage = batch == null && CompletionStage.class.isAssignableFrom(variables.erase(returned));
        List<Type> parameterTypes = batch == null ? declared : List.of(batch.value());
        Type resultType = batch != null ? batch.result() : isStage ? variables.valueOf(returned) : returned;
        parameterTypes.forEach(each -> Unsendable.argument(where, variables.erase(each), problems));
        Unsendable.result(where, variables.erase(resultType), problems);
        String name = task.name().isEmpty() ? method.getName() : task.name();
        check(problems, where, () -> Names.check("task name", name));
        for (String alias : task.aliases()) {
            check(problems, where, () -> Names.check("alias", alias));
        }
        check(problems, where, () -> Names.check("queue name", task.queue()));
        check(problems, where, () -> Priority.check(task.priority()));
        GroupTemplate group = task.group().isEmpty()
                ? null
                : check(problems, where, () -> GroupTemplate.of(task.group(), method.getParameterCount()));
        Set<Integer> whole = Secrets.marked(method);
        Set<Integer> partly = Secrets.partly(parameterTypes);
        checkGroup(where, group, whole, partly, problems);
        checkMarks(type, variables, method, where, whole, problems);
        if (task.version() < 1 || task.version() > Upcaster.MAX_VERSION) {
            problems.add(where + ": version must be 1 to 1,000, got " + task.version());
        }
        Duration timeout = task.timeout().isEmpty()
                ? null
                : check(
                        problems,
                        where,
                        () -> Durations.checkPositive("timeout", Durations.parse("timeout", task.timeout())));
        Duration resultTtl = check(
                problems,
                where,
                () -> Durations.checkPositive("resultTtl", Durations.parse("resultTtl", task.resultTtl())));
        Duration keep = task.keep().isEmpty()
                ? null
                : check(problems, where, () -> Durations.checkPositive("keep", Durations.parse("keep", task.keep())));
        RetryPolicy retry = check(problems, where, () -> base.with(task.retry()));
        if (problems.size() > before || resultTtl == null || retry == null) {
            return null;
        }
        TaskDefinition definition = TaskDefinition.of(name, method, parameterTypes, resultType);
        TaskDefinition behaving =
                batch != null ? definition.withBatch(batch.options()) : isStage ? definition.asAsync() : definition;
        return behaving.withAliases(List.of(task.aliases()))
                .withVersion(task.version())
                .withSecrets(whole, partly)
                .withQueue(task.queue())
                .withPriority(task.priority())
                .withGroup(group)
                .withTimeout(timeout)
                .withRetry(retry)
                .withResultTtl(resultTtl)
                .withKeep(keep);
    }

    /** Producers see the annotated method alone, and write into their jobs what is secret by its marks. */
    private static void checkMarks(
            Class<?> type,
            TypeVariables variables,
            Method annotated,
            String where,
            Set<Integer> known,
            List<String> problems) {
        List<Class<?>> parameters = variables.parameters(annotated);
        for (Class<?> each : hierarchy(type)) {
            for (Method method : each.getDeclaredMethods()) {
                if (method.getName().equals(annotated.getName())
                        && !method.isBridge()
                        && variables.parameters(method).equals(parameters)
                        && !known.containsAll(Secrets.marked(method))) {
                    problems.add(where + " has @Task, and " + each.getSimpleName() + "." + method.getName()
                            + " marks arguments with @Secret that it does not mark, so producers would not hide them;"
                            + " mark the same arguments where @Task is");
                }
            }
        }
    }

    /** What the class itself declares to return, if that is more than the annotated method says. */
    private static Type resultType(Class<?> type, TypeVariables variables, Method annotated) {
        List<Class<?>> parameters = variables.parameters(annotated);
        Type narrowest = variables.resolve(annotated.getGenericReturnType());
        for (Class<?> each : hierarchy(type)) {
            for (Method method : each.getDeclaredMethods()) {
                Class<?> known = variables.erase(narrowest);
                Class<?> returned = variables.erase(method.getGenericReturnType());
                if (method.getName().equals(annotated.getName())
                        && !method.isBridge()
                        && returned != known
                        && known.isAssignableFrom(returned)
                        && variables.parameters(method).equals(parameters)) {
                    narrowest = variables.resolve(method.getGenericReturnType());
                }
            }
        }
        return narrowest;
    }

    /**
     * The method that a class declares or inherits, preferring a declaration with {@link Task}: the annotation may
     * stand on an interface, and what overrides may have narrower parameters than what it overrides.
     */
    private static Method find(Class<?> type, TypeVariables variables, String name, Class<?>[] parameters) {
        List<Class<?>> declared = List.of(parameters);
        Method plain = null;
        for (Class<?> each : hierarchy(type)) {
            for (Method method : each.getDeclaredMethods()) {
                if (method.getName().equals(name)
                        && !method.isBridge()
                        && (List.of(method.getParameterTypes()).equals(declared)
                                || variables.parameters(method).equals(declared))) {
                    if (method.isAnnotationPresent(Task.class)) {
                        return method;
                    }
                    plain = plain == null ? method : plain;
                }
            }
        }
        if (plain == null) {
            throw new IllegalArgumentException(type.getName() + " has no method " + name + declared);
        }
        return plain;
    }

    /** Annotated methods by name and parameter types; the first of each list is the most specific declaration. */
    private static Map<String, List<Method>> annotatedMethods(Class<?> type, TypeVariables variables) {
        Map<String, List<Method>> found = new LinkedHashMap<>();
        for (Class<?> each : hierarchy(type)) {
            Method[] methods = each.getDeclaredMethods();
            Arrays.sort(
                    methods,
                    Comparator.comparing(Method::getName)
                            .thenComparing(m -> List.of(m.getParameterTypes()).toString()));
            for (Method method : methods) {
                if (method.isAnnotationPresent(Task.class) && !method.isBridge() && !method.isSynthetic()) {
                    String signature = method.getName() + variables.parameters(method);
                    found.computeIfAbsent(signature, s -> new ArrayList<>()).add(method);
                }
            }
        }
        return found;
    }

    /** The class, then its superclasses, then every interface of any of them. */
    private static Set<Class<?>> hierarchy(Class<?> type) {
        Set<Class<?>> all = new LinkedHashSet<>();
        for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
            all.add(c);
        }
        for (Class<?> c : List.copyOf(all)) {
            addInterfaces(c, all);
        }
        return all;
    }

    private static void addInterfaces(Class<?> type, Set<Class<?>> all) {
        for (Class<?> each : type.getInterfaces()) {
            if (all.add(each)) {
                addInterfaces(each, all);
            }
        }
    }

    private interface Check<V> {
        V get();
    }

    private static <V> @Nullable V check(List<String> problems, String where, Check<V> check) {
        try {
            return check.get();
        } catch (IllegalArgumentException e) {
            problems.add(where + ": " + e.getMessage());
            return null;
        }
    }
}
