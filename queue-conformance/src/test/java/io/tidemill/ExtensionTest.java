package io.tidemill;

import static io.tidemill.client.Call.call;
import static io.tidemill.client.Call.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.admin.QueueAdmin;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.BulkException;
import io.tidemill.client.PreparedJob;
import io.tidemill.client.SendInterceptor;
import io.tidemill.event.Probe;
import io.tidemill.event.QueueEvent;
import io.tidemill.task.JobOptions;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.spi.MDCAdapter;

/** What an extension is given and when, and what an interceptor around sending sees and adds. */
class ExtensionTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<String> seen = new CopyOnWriteArrayList<>();

    /** A task that shows its headers. */
    public static final class Tasks {

        @Task(name = "headers", queue = "mail")
        public Map<String, String> headers(String text) {
            return TaskContext.current().headers();
        }

        @Task(name = "log")
        public String log() {
            return String.valueOf(MDC.get("request"));
        }
    }

    private final class Noting implements Extension {

        private final String name;

        Noting(String name) {
            this.name = name;
        }

        @Override
        public void configure(TaskQueueBuilder builder) {
            seen.add(name + " configures");
        }

        @Override
        public void start(Parts parts) {
            parts.listen(event -> seen.add(name + " hears " + event.getClass().getSimpleName()));
            seen.add(name + " starts with " + parts.definitions().keySet());
        }

        @Override
        public void stop() {
            seen.add(name + " stops");
        }
    }

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

    /** Has a queue. */
    public static final class Mail {

        @Task(name = "send", queue = "mail")
        public void send() {}
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

    @Test
    void an_interceptor_sees_each_call_and_adds_headers_in_order() throws Exception {
        SendInterceptor first = sending -> {
            seen.add(sending.task() + " to " + sending.queue() + " with " + sending.arguments() + " of "
                    + sending.definition().map(task -> task.name()).orElse("nobody"));
            sending.header("by", sending.headers().getOrDefault("by", "nobody"));
        };
        SendInterceptor second =
                sending -> sending.header("by", sending.headers().get("by") + " and me");
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .interceptSends(first)
                .interceptSends(second)
                .start()) {
            assertThat(queue.enqueue(call(Tasks::headers, "x").header("by", "Ada"))
                            .await(PATIENCE))
                    .containsExactlyEntriesOf(Map.of("by", "Ada and me"));
            assertThat(queue.enqueueAll(List.of(call(Tasks::headers, "y")))
                            .get(0)
                            .await(PATIENCE))
                    .containsExactlyEntriesOf(Map.of("by", "nobody and me"));
            PreparedJob prepared = queue.prepare(call(Tasks::headers, "z"));
            assertThat(queue.enqueue(PreparedJob.fromBytes(prepared.toBytes())).await(PATIENCE))
                    .isEqualTo(Map.of("by", "nobody and me"));
        }
        assertThat(seen)
                .containsExactly(
                        "headers to mail with [x] of headers",
                        "headers to mail with [y] of headers",
                        "headers to mail with [z] of headers");
    }

    @Test
    void an_interceptor_sees_a_bulk_as_one_and_its_end() {
        SendInterceptor interceptor = new SendInterceptor() {
            @Override
            public void before(Sending sending) {
                seen.add("alone " + sending.arguments());
            }

            @Override
            public Bulk bulk() {
                seen.add("begin");
                return new Bulk() {
                    @Override
                    public void before(Sending sending) {
                        seen.add("in bulk " + sending.arguments());
                    }

                    @Override
                    public void ended(@Nullable Throwable failure) {
                        seen.add("end "
                                + (failure == null ? "well" : failure.getClass().getSimpleName()));
                        throw new IllegalStateException("goes to the log");
                    }
                };
            }
        };
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .interceptSends(interceptor)
                .start()) {
            queue.enqueueAll(List.of(call(Tasks::headers, "x"), call(Tasks::headers, "y")));
            assertThatThrownBy(() -> queue.enqueueAll(List.of(named("haeders", "z"))))
                    .isInstanceOf(BulkException.class);
            queue.enqueue(call(Tasks::headers, "w"));
        }

        assertThat(seen)
                .containsExactly(
                        "begin", "in bulk [x]", "in bulk [y]", "end well", "begin", "end BulkException", "alone [w]");
    }

    @Test
    void an_interceptor_may_change_the_headers_of_a_job_that_is_like_another() throws Exception {
        SendInterceptor interceptor = new SendInterceptor() {
            @Override
            public void before(Sending sending) {
                sending.header("of", sending.jobId());
                sending.header("kept", "as it was");
                sending.header("gone", "soon");
            }

            @Override
            public void beforeCopy(Sending sending) {
                seen.add(sending.task() + " to " + sending.queue() + " with " + sending.arguments());
                sending.header("of", sending.jobId());
                sending.removeHeader("gone");
            }
        };
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .interceptSends(interceptor)
                .start()) {
            PreparedJob pattern = queue.prepare(call(Tasks::headers, "x"));

            assertThat(queue.enqueue(queue.prepareLike(pattern, "a")).await(PATIENCE))
                    .isEqualTo(Map.of("of", "a", "kept", "as it was"));
            assertThat(queue.enqueue(queue.prepareLike(pattern, "b", "y")).await(PATIENCE))
                    .isEqualTo(Map.of("of", "b", "kept", "as it was"));
        }
        assertThat(seen).containsExactly("headers to mail with []", "headers to mail with [y]");
    }

    @Test
    void the_id_that_an_interceptor_sees_is_that_of_the_job() {
        List<String> ids = new CopyOnWriteArrayList<>();
        try (TaskQueue queue = TaskQueue.builder()
                .interceptSends(sending -> ids.add(sending.jobId()))
                .start()) {
            assertThat(queue.enqueue("a").id()).isEqualTo(ids.get(0));
        }
    }

    @Test
    void a_call_that_an_interceptor_refuses_is_not_stored() {
        try (TaskQueue queue = TaskQueue.builder()
                .interceptSends(sending -> {
                    throw new SecurityException("no tenant");
                })
                .start()) {
            assertThatThrownBy(() -> queue.enqueue("a")).isInstanceOf(SecurityException.class);
            assertThatThrownBy(() -> queue.enqueueAll(List.of(named("a"))))
                    .isInstanceOf(BulkException.class)
                    .hasRootCauseMessage("no tenant");
            assertThat(queue.admin().counts("default").ready()).isZero();
        }
    }

    @Test
    void fields_of_the_log_context_go_from_the_caller_to_the_run() throws Exception {
        MDCAdapter before = install(new BasicMDCAdapter());
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .install(LogFields.of("request", "absent"))
                .start()) {
            MDC.put("request", "r-17");
            assertThat(queue.enqueue(Tasks::log).await(PATIENCE)).isEqualTo("r-17");
            assertThat(queue.enqueue(Tasks::headers, "x").await(PATIENCE))
                    .containsExactlyEntriesOf(Map.of("log.request", "r-17"));
            MDC.put("request", "r".repeat(JobOptions.MAX_HEADER_VALUE + 1));
            assertThat(queue.enqueue(Tasks::log).await(PATIENCE)).hasSize(JobOptions.MAX_HEADER_VALUE);
            MDC.remove("request");
            assertThat(queue.enqueue(Tasks::log).await(PATIENCE)).isEqualTo("null");
        } finally {
            install(before);
        }
    }

    @Test
    void a_log_field_that_no_header_can_carry_is_refused() {
        assertThatThrownBy(() -> LogFields.of("request id")).hasMessageContaining("log field may hold only");
    }

    private static MDCAdapter install(MDCAdapter adapter) throws ReflectiveOperationException {
        MDC.get("loads it");
        for (Field field : MDC.class.getDeclaredFields()) {
            if (field.getType() == MDCAdapter.class) {
                field.setAccessible(true);
                MDCAdapter before = (MDCAdapter) field.get(null);
                field.set(null, adapter);
                return before;
            }
        }
        throw new IllegalStateException("slf4j keeps its adapter elsewhere now");
    }
}
