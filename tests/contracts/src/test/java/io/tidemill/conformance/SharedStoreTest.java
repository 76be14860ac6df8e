package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.client.JobHandle;
import io.tidemill.task.Task;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Several queues over one store in memory, as several processes over one server. */
class SharedStoreTest {

    /** A task. */
    public static final class Sums {
        @Task
        public int add(int a, int b) {
            return a + b;
        }
    }

    private static TaskQueue queue(MemoryStore store, Object... tasks) {
        return TaskQueue.builder().broker(new MemoryBroker(store)).tasks(tasks).start();
    }

    @Test
    void what_one_queue_stores_another_runs_and_who_waits_is_notified() throws Exception {
        MemoryStore store = new MemoryStore();
        try (TaskQueue producer = queue(store);
                TaskQueue worker = queue(store, new Sums())) {
            assertThat(worker.admin().isPaused("default")).isFalse();

            assertThat(producer.enqueue(Sums::add, 1, 2).await(Duration.ofSeconds(30)))
                    .isEqualTo(3);
        }
    }

    @Test
    void closing_one_queue_closes_neither_the_store_nor_another_queue() throws Exception {
        MemoryStore store = new MemoryStore();
        TaskQueue closed = queue(store);
        JobHandle<Integer> job = closed.enqueue(Sums::add, 2, 3);
        closed.close();

        try (TaskQueue worker = queue(store, new Sums())) {
            assertThat(worker.job("default", job.id()).await(Duration.ofSeconds(30)))
                    .isEqualTo(5);
        }
        assertThatThrownBy(() -> closed.enqueue(Sums::add, 1, 1)).isInstanceOf(IllegalStateException.class);
    }
}
