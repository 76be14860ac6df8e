package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.NewJob;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.observe.Observers;
import io.tidemill.task.Task;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Recorder;
import io.tidemill.test.Waits;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a probe measures of a queue. */
class ProbeTest {

    /** Keeps all that it is given. */
    private static final class Keeping implements Probe {

        final List<Hop> hops = new CopyOnWriteArrayList<>();
        final Map<String, Gauge> gauges = new ConcurrentHashMap<>();

        @Override
        public void answered(Hop hop) {
            hops.add(hop);
        }

        @Override
        public void gauge(Gauge gauge) {
            gauges.put(gauge.name() + (gauge.name().equals("loop.late") ? " " + gauge.owner() : ""), gauge);
        }

        List<Hop> named(String name) {
            return hops.stream().filter(hop -> hop.name().equals(name)).toList();
        }
    }

    private final Keeping probe = new Keeping();

    /** A task that waits. */
    public static final class Waiting {

        private final CountDownLatch open = new CountDownLatch(1);

        /** Waits. */
        @Task(name = "wait")
        public void untilOpen() throws InterruptedException {
            open.await();
        }
    }

    @Test
    void each_hop_of_a_job_is_measured_with_its_queue_and_size() throws Exception {
        Recorder events = new Recorder();
        Waiting tasks = new Waiting();
        tasks.open.countDown();
        try (TaskQueue queue =
                TaskQueue.builder().tasks(tasks).listener(events).probe(probe).start()) {
            queue.enqueue(Waiting::untilOpen);
            events.await(QueueEvent.Succeeded.class, 1);
            Waits.until("a sweep has looked", () -> !probe.named("survey").isEmpty());
        }

        assertThat(probe.named("enqueue")).singleElement().satisfies(hop -> {
            assertThat(hop.queue()).isEqualTo("default");
            assertThat(hop.size()).isOne();
            assertThat(hop.hasFailed()).isFalse();
            assertThat(hop.took()).isGreaterThanOrEqualTo(Duration.ZERO);
        });
        assertThat(probe.named("claim")).isNotEmpty();
        assertThat(probe.named("complete")).extracting(Probe.Hop::size).containsExactly(1);
        assertThat(probe.named("survey")).extracting(Probe.Hop::queue).containsOnly("");
    }

    @Test
    void slots_and_the_age_of_each_loop_can_be_read_at_any_time() {
        Waiting tasks = new Waiting();
        try (TaskQueue queue =
                TaskQueue.builder().tasks(tasks).concurrency(7).probe(probe).start()) {
            assertThat(probe.gauges.get("slots.total").value()).isEqualTo(7);
            assertThat(probe.gauges)
                    .containsKeys(
                            "loop.late tidemill-fetch",
                            "loop.late tidemill-lease",
                            "loop.late tidemill-watchdog",
                            "loop.late tidemill-maintenance");

            queue.enqueue(Waiting::untilOpen);

            Waits.until(
                    "its slot is in use", () -> probe.gauges.get("slots.used").value() == 1);
            tasks.open.countDown();
            Waits.until("its slot is free", () -> probe.gauges.get("slots.used").value() == 0);
        }
    }

    @Test
    void a_hop_takes_from_the_request_to_its_answer_and_says_when_it_has_failed() {
        FakeClock clock = new FakeClock();
        Observers observers = new Observers(List.of(), List.of(probe), clock);
        CompletableFuture<String> answer = new CompletableFuture<>();

        CompletableFuture<String> asked = observers.ask("claim", "mail", 3, () -> answer);
        clock.advance(Duration.ofMillis(5));
        assertThat(probe.hops).isEmpty();
        IllegalStateException gone = new IllegalStateException("gone");
        answer.completeExceptionally(gone);

        assertThat(asked).as("the failure is not wrapped").isSameAs(answer);
        assertThat(probe.hops).singleElement().satisfies(hop -> {
            assertThat(hop.took()).isEqualTo(Duration.ofMillis(5));
            assertThat(hop.hasFailed()).isTrue();
            assertThat(hop.size()).isEqualTo(3);
        });
    }

    @Test
    void a_probe_that_throws_changes_nothing_for_the_request_or_for_other_probes() {
        Probe bad = new Probe() {
            @Override
            public void answered(Hop hop) {
                throw new IllegalStateException("on purpose");
            }
        };
        MemoryBroker broker = new MemoryBroker();
        Observers observers = new Observers(List.of(), List.of(bad, probe), Clock.system());

        assertThat(observers
                        .ask("enqueue", "q", 1, () -> broker.enqueue("q", List.of(NewJob.now("a", new byte[0], 4))))
                        .join())
                .hasSize(1);
        assertThat(probe.hops).hasSize(1);
    }
}
