package io.tidemill;

import io.tidemill.definition.TaskDefinitions;
import io.tidemill.definition.TaskOverrides;
import io.tidemill.message.PayloadCodec;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.TaskDefinition;
import io.tidemill.task.Upcaster;
import io.tidemill.text.Names;
import io.tidemill.worker.TaskBinding;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The tasks of a builder: objects with annotated methods, handlers, and the settings of both. Not thread-safe. */
final class RegisteredTasks {

    private final List<String> problems;
    private final List<Object> objects = new ArrayList<>();
    private final List<Handler> handlers = new ArrayList<>();
    private final Map<String, TaskSettings> settings = new LinkedHashMap<>();
    private final Map<String, TaskBinding> bindings = new LinkedHashMap<>();
    private final Map<String, NavigableMap<Integer, Upcaster>> upcasters = new LinkedHashMap<>();

    /** A task without a method; the result is null for none. */
    private record Handler(
            String name, Class<?> argument, @Nullable Class<?> result, TaskBinding.Code code) {}

    /** No tasks yet. What is wrong with those to come is added to the problems. */
    RegisteredTasks(List<String> problems) {
        this.problems = problems;
    }

    void add(Object object) {
        objects.add(object);
    }

    void handle(String name, Class<?> argument, @Nullable Class<?> result, TaskBinding.Code code) {
        handlers.add(new Handler(name, argument, result, code));
    }

    /** What changes arguments of this version into those of the next. */
    void upcast(String task, int from, Upcaster upcaster) {
        Names.check("task name", task);
        if (from < 1 || from >= Upcaster.MAX_VERSION) {
            throw new IllegalArgumentException(
                    "upcaster(\"" + task + "\", " + from + ", ...): the version must be 1 to 999");
        }
        if (upcasters.computeIfAbsent(task, name -> new TreeMap<>()).put(from, upcaster) != null) {
            problems.add("upcaster(\"" + task + "\", " + from + ", ...) is given twice");
        }
    }

    void set(String task, Consumer<TaskSettings> change) {
        Names.check("task name", task);
        change.accept(settings.computeIfAbsent(task, name -> new TaskSettings(name, problems)));
    }

    Map<String, TaskOverrides> overrides() {
        Map<String, TaskOverrides> overrides = new HashMap<>();
        settings.forEach((task, here) -> overrides.put(task, here.overrides()));
        return overrides;
    }

    /**
     * Reads every declaration and finds the code that runs it.
     *
     * @param retry when a failed run is tried again, as far as a declaration does not say
     * @param checkNames whether settings must be about tasks that are registered
     */
    Map<String, TaskBinding> bind(RetryPolicy retry, PayloadCodec codec, boolean checkNames) {
        for (Object object : objects) {
            for (TaskDefinition definition : TaskDefinitions.readAll(object.getClass(), retry, problems)) {
                bind(definition, codec, () -> TaskBinding.ofMethod(overridden(definition), object));
            }
        }
        for (Handler handler : handlers) {
            TaskDefinition definition =
                    TaskDefinitions.handler(handler.name(), handler.argument(), handler.result(), retry, problems);
            if (definition != null) {
                bind(definition, codec, () -> TaskBinding.of(overridden(definition), handler.code()));
            }
        }
        bindings.replaceAll((name, binding) -> withUpcasters(binding));
        if (!bindings.isEmpty()) {
            checkUpcasters();
        }
        Map<String, TaskBinding> byAlias = checkedAliases();
        if (!bindings.isEmpty() && checkNames) {
            checkSettings(bindings.keySet(), byAlias);
        }
        return bindings;
    }

    /** The tasks by all names that their jobs may be stored under. */
    static Map<String, TaskBinding> byEachName(Map<String, TaskBinding> bindings) {
        Map<String, TaskBinding> all = new LinkedHashMap<>(bindings);
        bindings.values().forEach(binding -> binding.definition().aliases().forEach(alias -> all.put(alias, binding)));
        return all;
    }

    private TaskBinding withUpcasters(TaskBinding binding) {
        TaskDefinition task = binding.definition();
        Map<Integer, Upcaster> given = upcasters.getOrDefault(task.name(), Collections.emptyNavigableMap());
        List<Upcaster> chain = new ArrayList<>();
        for (int version = 1; version < task.version(); version++) {
            Upcaster upcaster = given.get(version);
            if (upcaster == null) {
                problems.add(task.signature() + " has version " + task.version() + ", and nothing says how arguments of"
                        + " version " + version + " become those of version " + (version + 1) + "; add upcaster(\""
                        + task.name() + "\", " + version
                        + ", ...), with Upcaster.unchanged() if they stay as they are");
            } else {
                chain.add(upcaster);
            }
        }
        return binding.withUpcasters(chain);
    }

    private void checkUpcasters() {
        upcasters.forEach((name, given) -> {
            TaskBinding binding = bindings.get(name);
            String setting = "upcaster(\"" + name + "\", " + given.lastKey() + ", ...) ";
            if (binding == null) {
                problems.add(setting + "is about a task that is not registered here"
                        + Names.nearest(name, bindings.keySet())
                                .map(near -> "; did you mean \"" + near + "\"?")
                                .orElse(""));
            } else if (given.lastKey() >= binding.definition().version()) {
                problems.add(setting + "makes arguments of version " + (given.lastKey() + 1) + ", but "
                        + binding.definition().signature() + " has version "
                        + binding.definition().version());
            }
        });
    }

    private Map<String, TaskBinding> checkedAliases() {
        Map<String, TaskBinding> byAlias = new HashMap<>();
        for (TaskBinding binding : bindings.values()) {
            TaskDefinition task = binding.definition();
            for (String alias : task.aliases()) {
                TaskBinding named = bindings.get(alias);
                TaskBinding other = named == null ? byAlias.putIfAbsent(alias, binding) : named;
                if (other == binding) {
                    problems.add(
                            task.signature() + " says \"" + alias + "\" twice, in name and aliases; once is enough");
                } else if (other != null) {
                    problems.add("alias \"" + alias + "\" of " + task.signature() + " is also "
                            + (named == null ? "an alias" : "the name") + " of "
                            + other.definition().signature() + "; a job belongs to one task");
                }
            }
        }
        return byAlias;
    }

    private void bind(TaskDefinition definition, PayloadCodec codec, Supplier<TaskBinding> code) {
        try {
            checkTypes(definition, codec);
            TaskSettings here = settings.get(definition.name());
            Integer concurrency = here == null ? null : here.concurrency();
            TaskBinding binding = concurrency == null ? code.get() : code.get().withConcurrency(concurrency);
            TaskBinding other = bindings.putIfAbsent(definition.name(), binding);
            if (other != null) {
                problems.add("task name \"" + definition.name() + "\" is declared twice, by "
                        + other.definition().signature() + " and by " + definition.signature()
                        + "; give one of them another name");
            }
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private TaskDefinition overridden(TaskDefinition declared) {
        TaskSettings here = settings.get(declared.name());
        return here == null ? declared : here.overrides().applyTo(declared);
    }

    private void checkSettings(Set<String> registered, Map<String, TaskBinding> byAlias) {
        for (String task : settings.keySet()) {
            TaskBinding renamed = byAlias.get(task);
            if (renamed != null) {
                problems.add("task(\"" + task + "\", ...) names an alias; say task(\""
                        + renamed.definition().name() + "\", ...)");
            } else if (!registered.contains(task)) {
                problems.add("task(\"" + task + "\", ...) is about a task that is not registered here"
                        + Names.nearest(task, registered)
                                .map(near -> "; did you mean \"" + near + "\"?")
                                .orElse("")
                        + "; register it with tasks(...), or say checkTaskNames(false)");
            }
        }
    }

    /** Types that no codec can write are problems at the start, not after a job has run. */
    private void checkTypes(TaskDefinition definition, PayloadCodec codec) {
        int position = 0;
        for (Type type : definition.parameterTypes()) {
            String problem = codec.problem(type);
            if (problem != null) {
                problems.add(definition.signature() + ": argument " + position + ": " + problem);
            }
            position++;
        }
        String problem = definition.hasResult() ? codec.problem(definition.resultType()) : null;
        if (problem != null) {
            problems.add(definition.signature() + ": its result: " + problem);
        }
    }
}
