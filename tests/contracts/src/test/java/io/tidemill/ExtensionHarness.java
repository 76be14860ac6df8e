package io.tidemill;

import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.MDC;
import org.slf4j.spi.MDCAdapter;

/** Extensions that note what they are given. */
abstract class ExtensionHarness {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    final List<String> seen = new CopyOnWriteArrayList<>();

    /** A task that shows its headers. */
    public static final class Tasks {

        @Task(name = "headers", queue = "mail")
        public Map<String, String> headers(String text) {
            return TaskContext.current().headers();
        }

        @Task(name = "log")
        public String log() {
            return String.valueOf(MDC.get("request"));
        }
    }

    final class Noting implements Extension {

        private final String name;

        Noting(String name) {
            this.name = name;
        }

        @Override
        public void configure(TaskQueueBuilder builder) {
            seen.add(name + " configures");
        }

        @Override
        public void start(Parts parts) {
            parts.listen(event -> seen.add(name + " hears " + event.getClass().getSimpleName()));
            seen.add(name + " starts with " + parts.definitions().keySet());
        }

        @Override
        public void stop() {
            seen.add(name + " stops");
        }
    }

    /** Has a queue. */
    public static final class Mail {

        @Task(name = "send", queue = "mail")
        public void send() {}
    }

    static MDCAdapter install(MDCAdapter adapter) throws ReflectiveOperationException {
        MDC.get("loads it");
        for (Field field : MDC.class.getDeclaredFields()) {
            if (field.getType() == MDCAdapter.class) {
                field.setAccessible(true);
                MDCAdapter before = (MDCAdapter) field.get(null);
                field.set(null, adapter);
                return before;
            }
        }
        throw new IllegalStateException("slf4j keeps its adapter elsewhere now");
    }
}
