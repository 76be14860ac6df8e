package io.tidemill.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.record.WorkerRecord;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Operators see these names: {@code Set.of} has another order in each JVM. */
class WorkerOptionsOrderTest {

    private static final Set<String> NAMES = Set.of("f", "b", "a", "e", "d", "c", "h", "g");

    @Test
    void queues_and_tasks_stand_in_the_order_of_their_names() {
        WorkerRecord record = new WorkerRecord("host", 1, 1, 1, NAMES, NAMES, 0, 0, false, "1.0");

        assertThat(WorkerOptions.defaults().withQueues(NAMES).queues())
                .containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
        assertThat(record.queues()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
        assertThat(record.tasks()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
    }
}
