package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What an extension is given and when, and what an interceptor around sending sees and adds. */
class ExtensionTest extends ExtensionHarness {

    @Test
    void extensions_start_in_order_before_the_first_run_and_stop_in_reverse_after_the_last() throws Exception {
        MemoryBroker broker = new MemoryBroker();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(broker)
                .install(new Noting("a"))
                .install(new Noting("b"))
                .handle("hello", String.class, (text, context) -> seen.add(text))
                .start()) {
            queue.enqueue("hello", "ran").await(PATIENCE);
            // Whoever awaits the job may be faster than the listeners.
            Waits.until("both hear that it has succeeded", () -> seen.contains("b hears Succeeded"));
        }

        assertThat(seen.subList(0, 4))
                .containsExactly("a configures", "b configures", "a starts with [hello]", "b starts with [hello]");
        assertThat(seen).contains("ran", "a hears Succeeded", "b hears Succeeded");
        assertThat(seen.subList(seen.size() - 2, seen.size())).containsExactly("b stops", "a stops");
    }

    @Test
    void an_extension_may_enqueue_when_it_starts_and_when_it_stops() {
        FakeClock clock = new FakeClock();
        MemoryBroker broker = new MemoryBroker(clock);
        Extension tells = new Extension() {
            private Parts parts;

            @Override
            public void start(Parts given) {
                parts = given;
                seen.add(String.valueOf(given.broker() == broker && given.clock() == clock));
                given.client().enqueue("elsewhere", "begins");
            }

            @Override
            public void stop() {
                parts.client().enqueue("elsewhere", "ends");
                seen.add("jobs: "
                        + new QueueAdmin(parts.broker()).counts("default").ready());
            }
        };
        TaskQueue.builder().broker(broker).clock(clock).install(tells).start().close();

        assertThat(seen).containsExactly("true", "jobs: 2");
    }

    @Test
    void an_extension_is_given_the_queues_that_are_served_and_how_the_queue_is_doing() {
        Extension notes = new Extension() {
            @Override
            public void start(Parts parts) {
                seen.add(String.valueOf(parts.queues()));
                assertThat(parts.health().checks()).isNotEmpty();
            }
        };
        TaskQueue.builder().install(notes).start().close();
        TaskQueue.builder().install(notes).tasks(new Mail()).start().close();
        TaskQueue.builder()
                .install(notes)
                .tasks(new Mail())
                .queues("bulk")
                .start()
                .close();

        assertThat(seen).containsExactly("[]", "[mail]", "[bulk]");
    }

    /** Does its work once a minute, as long as it is able to. */
    private static final class Minutely implements Extension {

        private final AtomicInteger rounds = new AtomicInteger();
        private volatile boolean isAble = true;
        private volatile Background work;

        @Override
        public void start(Parts parts) {
            work = parts.background("tick", Duration.ofMinutes(2), "nothing was looked at", () -> {
                rounds.incrementAndGet();
                if (isAble) {
                    work.done();
                }
                return Duration.ofMinutes(1);
            });
            work.start();
        }

        @Override
        public void stop() {
            work.stop();
            seen.add("stopped");
        }

        final List<String> seen = new CopyOnWriteArrayList<>();

        private void await(int count) {
            Waits.until(count + " rounds", () -> rounds.get() >= count);
        }
    }

    @Test
    void the_background_of_an_extension_goes_round_by_the_clock_of_the_queue_and_when_it_is_woken() {
        FakeClock clock = new FakeClock();
        Minutely minutely = new Minutely();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new MemoryBroker(clock))
                .clock(clock)
                .install(minutely)
                .start()) {
            minutely.await(1);
            Waits.until("a second round", () -> {
                clock.advance(Duration.ofSeconds(30));
                return minutely.rounds.get() >= 2;
            });
            int before = minutely.rounds.get();
            minutely.work.wake();
            minutely.await(before + 1);
            minutely.work.start();
        }
        assertThat(minutely.seen).containsExactly("stopped");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("tidemill-tick");
    }

    @Test
    void health_says_when_the_background_of_an_extension_has_done_nothing_for_too_long() {
        FakeClock clock = new FakeClock();
        Minutely minutely = new Minutely();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new MemoryBroker(clock))
                .clock(clock)
                .install(minutely)
                .start()) {
            minutely.await(1);
            assertThat(queue.health().problems()).isEmpty();
            assertThat(queue.health().checks()).extracting(Health.Check::name).contains("tick", "tidemill-tick");

            minutely.isAble = false;
            Waits.until("a problem", () -> {
                clock.advance(Duration.ofSeconds(30));
                return queue.health().problems().stream()
                        .anyMatch(text ->
                                text.startsWith("nothing was looked at for ") && text.endsWith("allowed are 2 min"));
            });
            minutely.isAble = true;
            Waits.until("no problem", () -> {
                minutely.work.wake();
                return queue.health().checks().stream()
                        .filter(check -> check.name().equals("tick"))
                        .allMatch(Health.Check::ok);
            });
        }
    }

    @Test
    void a_round_that_throws_is_done_again() {
        AtomicInteger rounds = new AtomicInteger();
        Extension fails = new Extension() {
            private Background work;

            @Override
            public void start(Parts parts) {
                work = parts.background("fails", Duration.ofMinutes(2), "nothing was done", () -> {
                    if (rounds.incrementAndGet() == 1) {
                        throw new IllegalStateException("the first round fails");
                    }
                    return Duration.ofDays(100_000);
                });
                work.start();
            }

            @Override
            public void stop() {
                work.stop();
            }
        };
        FakeClock clock = new FakeClock();
        try (TaskQueue queue = TaskQueue.builder()
                .broker(new MemoryBroker(clock))
                .clock(clock)
                .install(fails)
                .start()) {
            Waits.until("a second round", () -> {
                clock.advance(Duration.ofSeconds(1));
                return rounds.get() >= 2;
            });
        }
        assertThat(rounds).hasValue(2);
    }

    @Test
    void what_an_extension_publishes_and_asks_is_seen_by_listeners_and_probes() {
        List<QueueEvent> events = new CopyOnWriteArrayList<>();
        QueueEvent.Fired fired = new QueueEvent.Fired(
                "mail", "nightly", Instant.EPOCH, Duration.ofMillis(12), "nightly@1970-01-01T00:00:00Z");
        Extension ticks = new Extension() {
            @Override
            public void start(Parts parts) {
                parts.publish(fired);
                assertThat(parts.ask(
                                        "take",
                                        "mail",
                                        3,
                                        () -> parts.broker().schedules().take("mail", 3, 1000))
                                .join()
                                .schedules())
                        .isEmpty();
                assertThat(parts.ask("take", "mail", 1, () -> {
                            throw new IllegalStateException("not sent");
                        }))
                        .isCompletedExceptionally();
            }
        };
        Probe probe = new Probe() {
            @Override
            public void answered(Hop hop) {
                seen.add(hop.name() + " " + hop.queue() + " " + hop.size() + " " + hop.hasFailed());
            }
        };
        TaskQueue.builder()
                .listener(events::add)
                .probe(probe)
                .install(ticks)
                .start()
                .close();

        assertThat(events).containsExactly(fired);
        assertThat(fired.isEnd()).isFalse();
        assertThat(seen).containsExactly("take mail 3 false", "take mail 1 true");
    }

    @Test
    void when_an_extension_does_not_start_those_before_it_are_stopped_and_the_queue_says_why() {
        TaskQueueBuilder builder = TaskQueue.builder().install(new Noting("a")).install(new Extension() {
            @Override
            public void start(Parts parts) {
                throw new IllegalStateException("no licence");
            }

            @Override
            public void stop() {
                seen.add("b stops");
            }
        });

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no licence");
        assertThat(seen).containsExactly("a configures", "a starts with []", "a stops");
    }
}
