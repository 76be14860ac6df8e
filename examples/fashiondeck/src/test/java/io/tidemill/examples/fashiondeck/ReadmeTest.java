package io.tidemill.examples.fashiondeck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.examples.fashiondeck.analytics.AnalyticsTasks;
import io.tidemill.examples.fashiondeck.cache.CacheKind;
import io.tidemill.examples.fashiondeck.embeddings.EmbeddingTasks;
import io.tidemill.examples.fashiondeck.refresh.RefreshTasks;
import io.tidemill.task.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README and the page of systems have every task of this application, with its queue and its priority. */
class ReadmeTest {

    @Test
    void hasEveryTaskWithItsQueueAndPriority() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String systems = Files.readString(Path.of("../../docs/systems.md"));

        List<Task> tasks = Stream.of(RefreshTasks.class, EmbeddingTasks.class, AnalyticsTasks.class)
                .flatMap(type -> Stream.of(type.getMethods()))
                .filter(method -> method.isAnnotationPresent(Task.class))
                .map(method -> method.getAnnotation(Task.class))
                .toList();

        assertThat(tasks).hasSize(3).allSatisfy(task -> {
            assertThat(readme).contains("| `" + task.name() + "` | `" + task.queue() + "` | " + task.priority() + ",");
            assertThat(systems).contains("`" + task.name() + "`");
        });
    }

    @Test
    void hasEveryKindOfTheCache() throws IOException {
        String readme = Files.readString(Path.of("README.md"));

        for (CacheKind kind : CacheKind.values()) {
            assertThat(readme).contains("| `" + kind + "`:").contains("_" + kind);
        }
    }
}
