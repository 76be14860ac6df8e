package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.task.Task;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/guide.md about versions of arguments, whose text {@link DocumentsTest} compares. */
class VersionExamplesTest {

    record Parcel(String to, int grams) {}

    /** What was there before. */
    public static class Before {

        @Task(name = "ship")
        public String ship(String to) {
            return to;
        }
    }

    // region: task-version
    public static class ShippingTasks {

        @Task(name = "ship", version = 3) // 1: ship(String to), 2: ship(String to, int grams)
        public String ship(Parcel parcel) {
            return parcel.to() + ", " + parcel.grams() + " g";
        }
    }
    // endregion

    @Test
    void an_older_job() throws Exception {
        MemoryStore store = new MemoryStore();
        try (TaskQueue before =
                TaskQueue.builder().broker(new MemoryBroker(store)).start()) {
            MemoryBroker shared = new MemoryBroker(store);
            // region: upcast
            TaskQueue queue = TaskQueue.builder()
                    .broker(shared)
                    .tasks(new ShippingTasks())
                    .upcaster("ship", 1, arguments -> {
                        arguments.add(1000);
                        return arguments;
                    })
                    .upcaster("ship", 2, arguments -> {
                        arguments.set(0, Map.of("to", arguments.get(0), "grams", arguments.remove(1)));
                        return arguments;
                    })
                    .start();
            // endregion
            try (queue) {
                assertThat(before.enqueue(Before::ship, "Ghent").await(Duration.ofSeconds(20)))
                        .isEqualTo("Ghent, 1000 g");
            }
        }
    }
}
