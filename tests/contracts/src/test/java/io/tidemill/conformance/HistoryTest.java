package io.tidemill.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.TaskQueueBuilder;
import io.tidemill.broker.Broker;
import io.tidemill.broker.CountHistory;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.client.Call;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.maintenance.HistoryWriter;
import io.tidemill.observe.Observers;
import io.tidemill.queue.HistoryCounts;
import io.tidemill.queue.HistoryRange;
import io.tidemill.queue.QueueHistory;
import io.tidemill.task.BrokerException;
import io.tidemill.task.BrokerException.Outcome;
import io.tidemill.task.RetryPolicy;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What processes count, as a fresh process reads it. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HistoryTest {

    private final FakeClock clock = new FakeClock();
    private final MemoryStore store = new MemoryStore(clock);
    private final AtomicInteger ended = new AtomicInteger();

    private TaskQueueBuilder worker(Broker broker) {
        return TaskQueue.builder()
                .broker(broker)
                .clock(clock)
                .retry(RetryPolicy.defaults().withMaxAttempts(1))
                .listener(event -> {
                    if (event.isEnd()) {
                        ended.incrementAndGet();
                    }
                })
                .handle("work", String.class, (what, context) -> {
                    clock.advance(Duration.ofMillis(250));
                    if (what.equals("fail")) {
                        throw new IllegalStateException("as asked");
                    }
                });
    }

    private HistoryCounts total() {
        try (TaskQueue fresh =
                TaskQueue.builder().broker(new MemoryBroker(store)).clock(clock).start()) {
            return fresh.admin().history("default", HistoryRange.DAY).total();
        }
    }

    private void run(TaskQueue queue, String what) {
        int before = ended.get();
        queue.enqueue("work", what);
        Waits.until("the job has ended", () -> ended.get() > before);
    }

    @Test
    void what_a_process_counted_is_there_for_others_when_it_has_closed() {
        try (TaskQueue queue = worker(new MemoryBroker(store)).start()) {
            run(queue, "well");
            run(queue, "well");
            run(queue, "fail");
        }

        HistoryCounts total = total();
        assertThat(total.enqueued()).isEqualTo(3);
        assertThat(total.succeeded()).isEqualTo(2);
        assertThat(total.failed()).isEqualTo(1);
        assertThat(total.dead()).isEqualTo(1);
        assertThat(total.retried()).isZero();
        assertThat(total.runMillis()).isGreaterThanOrEqualTo(750);
    }

    @Test
    void a_process_that_only_enqueues_counts_as_well() {
        try (TaskQueue producer =
                TaskQueue.builder().broker(new MemoryBroker(store)).clock(clock).start()) {
            producer.enqueue("work", "later");
        }

        assertThat(total().enqueued()).isEqualTo(1);
    }

    @Test
    void counts_are_added_every_few_seconds() {
        try (TaskQueue queue = worker(new MemoryBroker(store)).start()) {
            run(queue, "well");

            Waits.until("the job is in the history", () -> {
                clock.advance(Duration.ofSeconds(5));
                return total().succeeded() == 1;
            });
        }
        assertThat(total().succeeded()).as("nothing is added twice").isEqualTo(1);
    }

    @Test
    void a_process_that_shall_not_count_adds_nothing() {
        try (TaskQueue queue = worker(new MemoryBroker(store)).history(false).start()) {
            run(queue, "well");
        }

        assertThat(total()).isEqualTo(HistoryCounts.NONE);
    }

    @Test
    void what_the_broker_refused_is_added_with_the_next_counts() {
        FailingHistory broker = new FailingHistory(new MemoryBroker(store), Outcome.REFUSED);
        try (TaskQueue queue = worker(broker).start()) {
            run(queue, "well");
            Waits.until("counts were refused", () -> {
                clock.advance(Duration.ofSeconds(5));
                return broker.failures.get() > 0;
            });
        }

        assertThat(total().succeeded()).isEqualTo(1);
        assertThat(total().enqueued()).isEqualTo(1);
        assertThat(total().runMillis()).isGreaterThanOrEqualTo(250);
    }

    @Test
    void what_may_have_been_added_is_not_added_again() {
        FailingHistory broker = new FailingHistory(new MemoryBroker(store), Outcome.UNKNOWN);
        try (TaskQueue queue = worker(broker).start()) {
            run(queue, "well");
            Waits.until("an answer was lost", () -> {
                clock.advance(Duration.ofSeconds(5));
                return broker.failures.get() > 0;
            });
        }

        assertThat(total().succeeded()).isLessThanOrEqualTo(1);
        assertThat(total().enqueued()).isLessThanOrEqualTo(1);
    }

    /** A round sends 500 requests at most. */
    @Test
    void jobs_of_more_queues_than_one_round_sends_are_counted() {
        int queues = 1_200;
        try (TaskQueue producer =
                TaskQueue.builder().broker(new MemoryBroker(store)).clock(clock).start()) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < queues; i++) {
                    producer.enqueue(Call.named("work", "later").queue("q" + i));
                }
            }
            Waits.until("all are in the history", () -> {
                clock.advance(Duration.ofSeconds(5));
                return enqueuedIn(producer, "q0") == 2 && enqueuedIn(producer, "q" + (queues - 1)) == 2;
            });
            for (int i = 0; i < queues; i++) {
                int number = i;
                Waits.until("q" + i + " is in the history", () -> {
                    if (enqueuedIn(producer, "q" + number) == 2) {
                        return true;
                    }
                    clock.advance(Duration.ofSeconds(5));
                    return false;
                });
            }
        }
    }

    @Test
    void a_close_sent_what_was_counted_in_500_queues_and_dropped_the_rest() {
        int queues = 1_200;
        try (TaskQueue producer =
                TaskQueue.builder().broker(new MemoryBroker(store)).clock(clock).start()) {
            for (int i = 0; i < queues; i++) {
                producer.enqueue(Call.named("work", "later").queue("q" + i));
            }
        }

        try (TaskQueue fresh =
                TaskQueue.builder().broker(new MemoryBroker(store)).clock(clock).start()) {
            for (int i = 0; i < queues; i++) {
                assertThat(enqueuedIn(fresh, "q" + i)).as("queue q%d", i).isEqualTo(1);
            }
        }
    }

    @Test
    void names_of_queues_without_end_take_up_bounded_memory() {
        Set<String> sent = ConcurrentHashMap.newKeySet();
        CountHistory history = new CountHistory() {
            @Override
            public CompletableFuture<Void> add(String queue, HistoryCounts counts) {
                sent.add(queue);
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public CompletableFuture<QueueHistory> history(String queue, HistoryRange range) {
                return CompletableFuture.failedFuture(new IllegalStateException("nobody asks"));
            }
        };
        HistoryWriter writer = new HistoryWriter(history, new Observers(List.of(), List.of(), clock), clock);
        for (int i = 0; i < 30_000; i++) {
            writer.on(new QueueEvent.Enqueued(JobRef.of("tenant-" + i, "job", "work")));
        }

        writer.stop();

        assertThat(sent).hasSize(10_000).contains("tenant-0", "tenant-9999");

        writer.on(new QueueEvent.Enqueued(JobRef.of("another", "job", "work")));
        writer.stop();

        assertThat(sent).as("there is room again").contains("another");
    }

    private static long enqueuedIn(TaskQueue queue, String name) {
        return queue.admin().history(name, HistoryRange.MONTH).total().enqueued();
    }

    /** The first request fails in one way. */
    private static final class FailingHistory extends DelegatingBroker {

        private final Outcome outcome;
        private final AtomicInteger failures = new AtomicInteger();

        FailingHistory(Broker broker, Outcome outcome) {
            super(broker);
            this.outcome = outcome;
        }

        @Override
        public CountHistory history() {
            CountHistory right = super.history();
            return new CountHistory() {
                @Override
                public CompletableFuture<Void> add(String queue, HistoryCounts counts) {
                    if (failures.getAndIncrement() > 0) {
                        return right.add(queue, counts);
                    }
                    if (outcome == Outcome.UNKNOWN) {
                        right.add(queue, counts).join();
                    }
                    return CompletableFuture.failedFuture(new BrokerException(outcome, "as planned", null));
                }

                @Override
                public CompletableFuture<QueueHistory> history(String queue, HistoryRange range) {
                    return right.history(queue, range);
                }
            };
        }
    }
}
