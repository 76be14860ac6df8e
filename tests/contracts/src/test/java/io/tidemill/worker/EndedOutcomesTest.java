package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.ResultBackend;
import io.tidemill.broker.memory.MemoryResultBackend;
import io.tidemill.event.JobRef;
import io.tidemill.event.QueueEvent;
import io.tidemill.event.RunInfo;
import io.tidemill.message.Failure;
import io.tidemill.message.JsonPayloadCodec;
import io.tidemill.record.Payloads;
import io.tidemill.task.JobState;
import io.tidemill.test.FakeClock;
import io.tidemill.test.Waits;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

/** Outcomes that a result backend takes late or not at all. */
class EndedOutcomesTest {

    private static final String QUEUE = "mail";

    /** A backend whose answers to first requests go through a test. */
    private static final class Gate implements ResultBackend {

        private final MemoryResultBackend kept;
        private volatile Function<Supplier<CompletableFuture<Void>>, CompletableFuture<Void>> first = Supplier::get;

        Gate(FakeClock clock) {
            kept = new MemoryResultBackend(clock);
        }

        @Override
        public void open() {}

        @Override
        public CompletableFuture<Void> store(String queue, List<JobOutcome> outcomes) {
            return first.apply(() -> kept.store(queue, outcomes));
        }

        @Override
        public CompletableFuture<Void> storeLate(String queue, List<JobOutcome> outcomes) {
            return kept.storeLate(queue, outcomes);
        }

        @Override
        public CompletableFuture<Optional<JobOutcome>> find(String queue, String id) {
            return kept.find(queue, id);
        }

        @Override
        public void close() {}
    }

    private final FakeClock clock = new FakeClock();
    private final Gate backend = new Gate(clock);
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final AtomicBoolean mayMoreCome = new AtomicBoolean();
    private final EndedOutcomes outcomes = new EndedOutcomes(
            new ResultWriter(backend, Duration.ofHours(1)),
            new Payloads(new JsonPayloadCodec(), null),
            Map.of(),
            clock,
            Duration.ofSeconds(30),
            mayMoreCome::get,
            logger());

    private Logger logger() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    Object[] values = Arrays.copyOfRange(arguments, 1, arguments.length);
                    Object[] flat = values.length == 1 && values[0] instanceof Object[] array ? array : values;
                    logged.add(method.getName() + " "
                            + MessageFormatter.arrayFormat((String) arguments[0], flat)
                                    .getMessage());
                    return null;
                });
    }

    @AfterEach
    void stop() {
        Thread stopping = stopping();
        Waits.until("it has stopped", () -> {
            clock.advance(Duration.ofMillis(10));
            return !stopping.isAlive();
        });
    }

    private Thread stopping() {
        Thread thread = new Thread(outcomes::stop, "stops the outcomes");
        thread.start();
        return thread;
    }

    private void cancelled(String id) {
        outcomes.on(new QueueEvent.Cancelled(JobRef.of(QUEUE, id, "send"), null, "not needed"));
    }

    private void died(String id) {
        outcomes.on(new QueueEvent.Died(
                JobRef.of(QUEUE, id, "send"), RunInfo.of(16), Failure.of("Refused", "no such address")));
    }

    private Optional<JobState> kept(String id) {
        return backend.find(QUEUE, id).join().map(JobOutcome::state);
    }

    private List<String> lost() {
        return logged.stream().filter(line -> line.startsWith("error")).toList();
    }

    @Test
    void outcomes_that_a_silent_backend_does_not_take_are_bounded_and_each_that_is_lost_is_logged() {
        List<CompletableFuture<Void>> unanswered = new CopyOnWriteArrayList<>();
        backend.first = store -> {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            unanswered.add(answer);
            return answer.thenCompose(nothing -> store.get());
        };
        int ended = 40_000;
        int kept = (16 << 20) / 500;

        for (int i = 0; i < ended; i++) {
            cancelled("job-" + i);
        }

        assertThat(lost()).hasSize(ended - kept);
        assertThat(lost().get(0)).contains("job job-" + kept + " of queue mail").contains("16 MiB of other outcomes");

        backend.first = Supplier::get;
        unanswered.forEach(each -> each.complete(null));
        cancelled("after");
        assertThat(kept("after")).as("there is room again").contains(JobState.CANCELLED);
        assertThat(kept("job-" + (kept - 1))).as("what waited was stored").contains(JobState.CANCELLED);
        assertThat(lost()).hasSize(ended - kept);
    }

    @Test
    void a_clean_stop_does_not_lose_the_outcome_that_is_just_being_stored() throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        backend.first = store -> answer;
        cancelled("last");
        Thread stopping = stopping();
        clock.awaitWaiters(1);
        assertThat(stopping.isAlive()).isTrue();

        answer.complete(null);

        stopping.join();
        assertThat(logged).isEmpty();
    }

    @Test
    void a_clean_stop_does_not_lose_the_outcome_whose_event_is_not_published_yet() throws Exception {
        mayMoreCome.set(true);
        Thread stopping = stopping();
        clock.awaitWaiters(1);

        cancelled("last");
        mayMoreCome.set(false);

        Waits.until("it has stopped", () -> {
            clock.advance(Duration.ofMillis(10));
            return !stopping.isAlive();
        });
        assertThat(kept("last")).contains(JobState.CANCELLED);
        assertThat(logged).isEmpty();
    }

    @Test
    void what_is_in_flight_when_the_longest_wait_is_over_is_logged_once() {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        backend.first = store -> answer;
        cancelled("last");

        stop();
        answer.completeExceptionally(new IllegalStateException("closed"));
        cancelled("later still");

        assertThat(lost())
                .containsExactly(
                        "error job last of queue mail has ended, but how could not be stored, and whoever awaits it is"
                                + " not answered: the process stops",
                        "error job later still of queue mail has ended, but how could not be stored, and whoever awaits"
                                + " it is not answered: closed");
    }

    @Test
    void an_outcome_that_is_stored_again_does_not_replace_the_one_of_the_job_that_was_redriven_meanwhile() {
        outcomes.start();
        clock.awaitWaiters(1);
        backend.first = store -> CompletableFuture.failedFuture(new IllegalStateException("full"));
        died("redriven");
        died("other");
        assertThat(logged).singleElement().asString().contains("tried again every 1 s");
        backend.kept.store(QUEUE, List.of(JobOutcome.succeeded("redriven", 2, null, 60_000)));

        Waits.until("the other one is stored", () -> {
            clock.advance(Duration.ofMillis(100));
            return kept("other").isPresent();
        });

        assertThat(kept("other")).contains(JobState.DEAD);
        assertThat(kept("redriven")).contains(JobState.SUCCEEDED);
    }

    @Test
    void that_a_result_is_lost_does_not_replace_the_result_that_was_stored_although_its_answer_was_lost() {
        backend.store(QUEUE, List.of(JobOutcome.succeeded("job", 2, new byte[] {52, 50}, 60_000)))
                .join();

        outcomes.on(new QueueEvent.Succeeded(
                JobRef.of(QUEUE, "job", "send"), RunInfo.of(2).withResultLost()));

        assertThat(backend.find(QUEUE, "job").join().orElseThrow().result()).containsExactly(52, 50);
    }
}
