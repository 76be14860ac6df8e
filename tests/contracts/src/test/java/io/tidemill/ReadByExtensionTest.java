package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.task.Task;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Annotations of tasks that an extension reads. */
class ReadByExtensionTest {

    /** Is read by {@link Watching} alone. */
    @Retention(RetentionPolicy.RUNTIME)
    @ReadByExtension("io.tidemill.ReadByExtensionTest$Watching")
    public @interface Watched {}

    /** Does nothing. */
    public static final class Watching implements Extension {}

    /** One with the annotation, and one without. */
    public static final class Tasks {

        @Task
        @Watched
        public void watched() {}

        @Task
        public void plain() {}
    }

    private static List<String> warnings(TaskQueueBuilder builder) {
        PrintStream before = System.err;
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try (TaskQueue queue = builder.tasks(new Tasks()).start()) {
            assertThat(queue.health()).isNotNull();
        } finally {
            System.setErr(before);
        }
        return logged.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("has no effect in this process"))
                .toList();
    }

    @Test
    void an_annotation_whose_extension_is_missing_is_said_at_the_start() {
        assertThat(warnings(TaskQueue.builder()))
                .singleElement()
                .asString()
                .contains("WARN", "@Watched of task \"watched\"");
    }

    @Test
    void an_annotation_whose_extension_is_installed_is_not_mentioned() {
        assertThat(warnings(TaskQueue.builder().install(new Watching()))).isEmpty();
    }
}
