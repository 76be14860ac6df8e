package io.tidemill.conformance;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.TaskQueue;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.Call;
import io.tidemill.queue.Limit;
import io.tidemill.task.BrokerException;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.Task;
import io.tidemill.task.Unique;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Queues on a broker that has nothing but the core. */
class BareBrokerTest {

    /** Tasks that ask for no ability. */
    public static final class Plain {
        private final List<String> done = new CopyOnWriteArrayList<>();

        @Task
        public void note(String text) {
            done.add(text);
        }
    }

    /** Tasks that ask for abilities. */
    public static final class Demanding {
        @Task(group = "{0}")
        public String answer(String question) {
            return question;
        }
    }

    @Test
    void jobs_run_now_and_later_by_the_core_alone() {
        Plain tasks = new Plain();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .tasks(tasks)
                .start()) {
            queue.enqueue(call(Plain::note, "later").delay(Duration.ofMillis(20)));
            queue.enqueue(Plain::note, "now");

            Waits.until("both ran", () -> tasks.done.size() == 2);
        }
    }

    @Test
    void what_a_description_asks_for_and_the_broker_cannot_do_is_refused_at_the_start_by_name() {
        assertThatThrownBy(() -> TaskQueue.builder()
                        .broker(new BareBroker(new MemoryBroker()))
                        .tasks(new Demanding())
                        .groupLimit("default", Limit.concurrency(1))
                        .start())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("has a group, but BareBroker has no ability GROUPS")
                .hasMessageContaining("returns a value, but BareBroker has no ability RESULTS")
                .hasMessageContaining("queue default has a limit, but BareBroker has no ability LIMITS")
                .hasMessageContaining("queue default limits its groups, but BareBroker has no ability GROUPS");
    }

    @Test
    void what_a_request_asks_for_and_the_broker_cannot_do_is_refused_by_name_and_disturbs_no_other() {
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new BareBroker(new MemoryBroker()))
                .start()) {
            assertThatThrownBy(() -> queue.enqueue(Call.named("note", "a").unique(Unique.untilDone("key"))))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("BareBroker cannot do this: it has no ability UNIQUE");
            assertThatThrownBy(() -> queue.admin().pause("default"))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("OPERATIONS");
            assertThatThrownBy(() -> queue.job("default", "id").cancel())
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("CANCEL");

            queue.enqueue("note", "b");
        }
    }
}
