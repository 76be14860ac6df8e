package io.tidemill.docs;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.client.BulkCounts;
import io.tidemill.client.JobHandle;
import io.tidemill.task.JobState;
import io.tidemill.task.Task;
import io.tidemill.task.Unique;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the Java of docs/guide-flow.md, whose text {@link DocumentsTest} compares. */
class FlowExamplesIT {

    private static final Logger log = LoggerFactory.getLogger(FlowExamplesIT.class);

    private final List<Order> orders = List.of(new Order(1), new Order(2));
    private final Orders repository = new Orders(orders);
    private TaskQueue queue;

    @BeforeEach
    void start() {
        queue = TaskQueue.builder()
                .tasks(new Invoices(), new Search(), new MailTasks(), new Push())
                .start();
        // So that what is stored is still there to be looked at.
        queue.admin().pause("default");
    }

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void bulk() {
        // region: bulk
        List<JobHandle<Void>> jobs = queue.enqueueAll(
                orders.stream().map(order -> call(Invoices::send, order.id())).toList());
        // endregion
        assertThat(jobs).hasSize(2).allMatch(JobHandle::isNew);
    }

    @Test
    void a_stream() {
        // region: bulk-stream
        try (Stream<Order> all = repository.streamAll()) {
            BulkCounts counts = queue.enqueueAll(all.map(order -> call(Invoices::send, order.id())));
            log.info("{} stored, {} were there", counts.stored(), counts.duplicates());
        }
        // endregion
        assertThat(queue.admin().counts("default").ready()).isEqualTo(2);
    }

    @Test
    void unique_keys() {
        long shopId = 7;
        String ada = "ada@example.com";
        // region: unique
        queue.enqueue(call(Search::reindex, shopId).unique("reindex:" + shopId));
        queue.enqueue(call(MailTasks::nudge, ada).unique("nudge:" + ada, Duration.ofDays(1)));
        // endregion
        assertThat(queue.enqueue(call(MailTasks::nudge, ada).unique("nudge:" + ada, Duration.ofDays(1)))
                        .isNew())
                .isFalse();
        // region: debounce
        queue.enqueue(call(Search::reindex, shopId)
                .delay(Duration.ofSeconds(5))
                .unique(Unique.debounce("search:" + shopId, Duration.ofMinutes(1))));
        // endregion
        long rowVersion = 12;
        // region: version
        queue.enqueue(call(Search::reindex, shopId)
                .delay(Duration.ofSeconds(5))
                .unique(Unique.debounce("search:" + shopId, Duration.ofMinutes(1))
                        .version(rowVersion)));
        // endregion
        assertThat(queue.admin().counts("default").scheduled()).isEqualTo(1);
    }

    @Test
    void expiry() {
        // region: expires
        queue.enqueue(call(Push::send, "Your taxi is here").expiresIn(Duration.ofMinutes(5)));
        // endregion
        assertThat(queue.admin().list("default", JobState.READY, 0, 10)).hasSize(1);
    }

    record Order(long id) {}

    record Orders(List<Order> all) {
        Stream<Order> streamAll() {
            return all.stream();
        }
    }

    /** Tasks that do nothing. */
    public static class Invoices {
        @Task(name = "send_invoice")
        public void send(long order) {}
    }

    public static class Search {
        @Task
        public void reindex(long shop) {}
    }

    public static class MailTasks {
        @Task
        public void nudge(String customer) {}
    }

    public static class Push {
        @Task(name = "push")
        public void send(String text) {}
    }
}
