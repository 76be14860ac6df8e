package io.tidemill.schedule;

import io.tidemill.client.Call;
import io.tidemill.task.Task;
import io.tidemill.task.TaskDefinition;
import io.tidemill.text.Durations;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Reads {@link Cron} and {@link Every} of tasks. */
final class AnnotatedSchedules {

    private AnnotatedSchedules() {}

    /**
     * The schedules of these tasks.
     *
     * @param problems where everything that is wrong is added to
     */
    static List<Schedule> of(Collection<TaskDefinition> tasks, List<String> problems) {
        List<Schedule> schedules = new ArrayList<>();
        for (TaskDefinition task : tasks) {
            Method method = task.method();
            Cron cron = method == null ? null : method.getAnnotation(Cron.class);
            Every every = method == null ? null : method.getAnnotation(Every.class);
            try {
                if (cron != null && every != null) {
                    throw new IllegalArgumentException("it has both @Cron and @Every; leave one of them out");
                } else if (cron != null) {
                    schedules.add(schedule(task, timing(cron)).withOverlap(cron.overlap()));
                } else if (every != null) {
                    schedules.add(schedule(task, timing(every)).withOverlap(every.overlap()));
                }
            } catch (IllegalArgumentException e) {
                problems.add(task.signature() + ": " + e.getMessage());
            }
        }
        tasks.stream()
                .map(TaskDefinition::method)
                .filter(Objects::nonNull)
                .map(Method::getDeclaringClass)
                .distinct()
                .forEach(type -> problems.addAll(withoutTask(type)));
        return schedules;
    }

    /** Methods that say when they run, and are no tasks: nothing would ever run them. */
    private static List<String> withoutTask(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> !method.isAnnotationPresent(Task.class))
                .filter(method -> method.isAnnotationPresent(Cron.class) || method.isAnnotationPresent(Every.class))
                .map(method -> type.getName() + "." + method.getName() + ": "
                        + (method.isAnnotationPresent(Cron.class) ? "@Cron" : "@Every")
                        + " is on a method that is no task; add @Task to it")
                .sorted()
                .toList();
    }

    private static Timing timing(Cron cron) {
        return Timing.cron(cron.value(), zone(cron.zone())).jitter(Durations.parse("jitter", cron.jitter()));
    }

    private static Timing timing(Every every) {
        return Timing.every(Durations.parse("interval", every.value()))
                .jitter(Durations.parse("jitter", every.jitter()));
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "zone \"" + name + "\" is not known; write it as \"Europe/Berlin\" or \"UTC\"", e);
        }
    }

    private static Schedule schedule(TaskDefinition task, Timing timing) {
        List<Type> types = task.parameterTypes();
        if (types.isEmpty()) {
            return Schedule.of(task.name(), timing, Call.named(task.name()));
        } else if (types.equals(List.of(Tick.class))) {
            return Schedule.of(task.name(), timing, Call.named(task.name(), Tick.EACH));
        }
        throw new IllegalArgumentException("a scheduled task takes nothing, or a Tick as its only argument; for other"
                + " arguments use Scheduler.schedule(Schedule.of(name, timing, call))");
    }
}
