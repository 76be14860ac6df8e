package io.tidemill.test;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.client.TaskClient;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tasks that let time pass while they run. */
class TestQueueSleepTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** A task that is due again before it has ended. */
    public static final class Overlong {

        private final TaskClient queue;
        private TestQueue time;
        private int runs;

        Overlong(TaskClient queue) {
            this.queue = queue;
        }

        @Task
        public void again() throws InterruptedException {
            runs++;
            queue.enqueue(call(Overlong::again).delay(Duration.ofMinutes(1)));
            time.sleep(Duration.ofMinutes(5));
        }
    }

    @Test
    void aTaskThatSleepsLongerThanItsIntervalDoesNotHoldUpTheEndOfAnAdvance() {
        List<Overlong> made = new ArrayList<>();
        TestQueueBuilder builder = TestQueue.builder().tasks(client -> {
            made.add(new Overlong(client));
            return made.get(0);
        });
        try (TestQueue queue = builder.start()) {
            Overlong task = made.get(0);
            task.time = queue;
            queue.enqueue(Overlong::again);

            queue.advance(Duration.ofHours(1));

            assertThat(task.runs).as("at 0, 5 and so on to 60 minutes").isEqualTo(13);
            assertThat(queue.now()).isEqualTo(START.plus(Duration.ofMinutes(65)));

            queue.advance(Duration.ofMinutes(10));

            assertThat(task.runs).as("at 65, 70 and 75 minutes").isEqualTo(16);
            assertThat(queue.now()).isEqualTo(START.plus(Duration.ofMinutes(80)));
            assertThat(queue.events())
                    .filteredOn(QueueEvent.Succeeded.class::isInstance)
                    .hasSize(16);
        }
    }
}
