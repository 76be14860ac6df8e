package io.tidemill.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.NewJob;
import io.tidemill.broker.StoredSchedule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ManyNamesTest {

    private final MemoryStore store = new MemoryStore();
    private final MemoryBroker broker = new MemoryBroker(store);

    @Test
    void queues_that_were_only_looked_at_or_deleted_do_not_pile_up() {
        for (int i = 0; i < 10_000; i++) {
            String queue = "queue" + i;
            broker.lists().counts(queue).join();
            if (i % 2 == 0) {
                broker.enqueue(queue, List.of(NewJob.now("job", new byte[1], 4)))
                        .join();
                broker.operations()
                        .purge(queue, io.tidemill.task.JobState.READY, 1)
                        .join();
                broker.operations().erase(queue, false).join();
            }
        }

        assertThat(store.known()).isLessThan(2_500);
    }

    @Test
    void queues_that_hold_something_stay() {
        for (int i = 0; i < 3_000; i++) {
            broker.enqueue("queue" + i, List.of(NewJob.now("job", new byte[1], 4)))
                    .join();
        }

        assertThat(broker.operations().queues().join()).hasSize(3_000);
        assertThat(broker.lists().counts("queue0").join().ready()).isEqualTo(1);
    }

    @Test
    void queues_that_hold_nothing_but_a_schedule_stay() {
        StoredSchedule schedule = new StoredSchedule("nightly", "r1", StoredSchedule.NEVER, new byte[0]);
        for (int i = 0; i < 3_000; i++) {
            broker.schedules().write("queue" + i, Optional.empty(), schedule).join();
        }

        assertThat(broker.schedules().queues().join()).hasSize(3_000);
        assertThat(broker.schedules().count("queue0").join()).isEqualTo(1);
    }

    @Test
    void queues_whose_schedules_are_gone_do_not_pile_up() {
        StoredSchedule schedule = new StoredSchedule("nightly", "r1", StoredSchedule.NEVER, new byte[0]);
        for (int i = 0; i < 10_000; i++) {
            broker.schedules().write("queue" + i, Optional.empty(), schedule).join();
            broker.schedules().remove("queue" + i, "nightly", "r1").join();
        }

        assertThat(store.known()).isLessThan(2_500);
    }
}
