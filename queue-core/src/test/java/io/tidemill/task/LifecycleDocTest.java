package io.tidemill.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/lifecycle.md} true: it is generated from {@link JobState#transitions()} and compared here. */
class LifecycleDocTest {

    private static final Path PAGE = Path.of("..", "docs", "lifecycle.md");

    @Test
    void the_page_says_what_the_code_says() throws IOException {
        if (Boolean.getBoolean("tidemill.regenerate")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page());
        }
        assertThat(PAGE)
                .as("regenerate it: mvn -pl queue-core test -Dtest=LifecycleDocTest -Dtidemill.regenerate=true")
                .exists()
                .content()
                .isEqualTo(page());
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # The life of a job

                <!-- Generated from JobState.transitions(); do not edit. To regenerate:
                     mvn -pl queue-core test -Dtest=LifecycleDocTest -Dtidemill.regenerate=true -->

                A job is in exactly one of these states.

                ```mermaid
                stateDiagram-v2
                """);
        for (JobState.Transition move : JobState.transitions()) {
            page.append("    %s --> %s : %s%n"
                    .formatted(
                            move.from() == null ? "[*]" : name(move.from()),
                            name(move.to()),
                            // A colon ends the label in older renderers.
                            move.cause().replace(":", " -")));
        }
        for (JobState state : JobState.values()) {
            if (state.isFinal()) {
                page.append("    %s --> [*]%n".formatted(name(state)));
            }
        }
        page.append("""
                ```

                | from | cause | to |
                |---|---|---|
                """);
        for (JobState.Transition move : JobState.transitions()) {
            page.append("| %s | %s | %s |%n"
                    .formatted(move.from() == null ? "(new)" : name(move.from()), move.cause(), name(move.to())));
        }
        return page.toString().replace(System.lineSeparator(), "\n");
    }

    private static String name(JobState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
