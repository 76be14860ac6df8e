package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.conformance.DelegatingOperations;
import io.tidemill.record.WorkerRecord;
import io.tidemill.task.WorkerOptions;
import io.tidemill.worker.GatedBroker.Hop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a worker of many queues does while nothing happens in them. */
class ManyConsumersTest {

    private static final int QUEUES = 300;

    private final WorkerHarness engine = new WorkerHarness();

    @AfterEach
    void close() {
        engine.close();
    }

    private static Set<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "queue-" + i).collect(Collectors.toSet());
    }

    @Test
    void all_queues_together_are_asked_ten_times_a_second_at_most_and_each_at_least_every_tenth_of_a_second_each() {
        WorkerOptions options = engine.options(10).withQueues(names(QUEUES)).withPollInterval(Duration.ofSeconds(1));
        engine.worker(options).start();
        engine.settle();
        engine.broker.forget();
        for (int second = 0; second < 60; second++) {
            engine.advance(Duration.ofSeconds(1));
        }

        // Each queue is asked every 22.5 to 30 s.
        assertThat(engine.broker.count(Hop.CLAIM)).isBetween(2 * QUEUES, 60 * 10 * 4 / 3);
    }

    @Test
    void a_worker_of_few_queues_looks_as_often_as_it_was_told_to() {
        WorkerOptions options = engine.options(10).withQueues(names(10)).withPollInterval(Duration.ofSeconds(1));
        engine.worker(options).start();
        engine.settle();
        engine.broker.forget();
        for (int second = 0; second < 60; second++) {
            engine.advance(Duration.ofSeconds(1));
        }

        assertThat(engine.broker.count(Hop.CLAIM)).isEqualTo(600);
    }

    @Test
    void every_queue_lists_the_worker_at_once_and_then_in_turn_for_three_times_as_long() {
        Registered broker = new Registered();
        Registration registration = registration(broker, 1000);

        while (registration.renew() < Duration.ofSeconds(1).toNanos()) {
            engine.clock.advance(Duration.ofMillis(20));
        }
        assertThat(broker.queues).hasSize(1000);
        broker.queues.clear();
        for (int step = 0; step < 10; step++) {
            engine.clock.advance(Duration.ofSeconds(10));
            registration.renew();
            assertThat(broker.queues)
                    .as("a tenth of all, 100 s for 1,000")
                    .hasSizeBetween(95 * (step + 1), 105 * (step + 1));
        }
        assertThat(broker.ttls).containsExactly(300_000L);
        assertThat(Collections.max(broker.sizes))
                .as("it does not name all queues in each")
                .isLessThan(1000);
    }

    @Test
    void after_a_long_pause_each_queue_lists_the_worker_once() {
        Registered broker = new Registered();
        Registration registration = registration(broker, 3);
        registration.renew();
        broker.queues.clear();

        engine.clock.advance(Duration.ofHours(1));
        registration.renew();

        assertThat(broker.queues).containsExactlyInAnyOrder("queue-0", "queue-1", "queue-2");
    }

    @Test
    void an_entry_says_how_many_jobs_the_worker_holds_and_how_many_runs_ended_per_minute() {
        Registered broker = new Registered();
        Registration registration = registration(broker, 1);
        AtomicLong ended = new AtomicLong();
        registration.measure(() -> 3, ended::get);
        registration.renew();
        assertThat(WorkerRecord.decode(broker.last).running()).isEqualTo(3);
        assertThat(WorkerRecord.decode(broker.last).endedPerMinute()).isZero();

        ended.set(20);
        engine.clock.advance(Duration.ofSeconds(10));
        registration.renew();

        assertThat(WorkerRecord.decode(broker.last).endedPerMinute()).isEqualTo(120);
    }

    @Test
    void a_worker_with_long_leases_stays_listed() {
        engine.worker(engine.options(1).withLease(Duration.ofMinutes(30))).start();
        engine.settle();
        for (int second = 0; second < 120; second += 5) {
            engine.advance(Duration.ofSeconds(5));
            assertThat(engine.memory.operations().workers(WorkerHarness.QUEUE).join())
                    .hasSize(1);
        }
    }

    private Registration registration(Registered broker, int queues) {
        return new Registration(
                broker, engine.clock, "worker", engine.options(1).withQueues(names(queues)), Set.of("task"));
    }

    /** What was told of which queue, and for how long. */
    private static final class Registered extends DelegatingOperations {

        final List<String> queues = new ArrayList<>();
        final Set<Long> ttls = new TreeSet<>();
        final List<Integer> sizes = new ArrayList<>();
        byte[] last = {};

        Registered() {
            super(new MemoryBroker());
        }

        @Override
        public CompletableFuture<Boolean> register(String queue, String worker, byte[] info, long ttlMillis) {
            queues.add(queue);
            ttls.add(ttlMillis);
            last = info;
            sizes.add(info.length);
            return super.register(queue, worker, info, ttlMillis);
        }
    }
}
