package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.NewJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.Failure;
import io.tidemill.record.Job;
import io.tidemill.record.JobCodec;
import io.tidemill.task.Batch;
import io.tidemill.task.BatchSize;
import io.tidemill.task.JobState;
import io.tidemill.task.Retry;
import io.tidemill.task.RunInterceptor;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.test.Waits;
import io.tidemill.time.Alarm;
import io.tidemill.time.Clock;
import io.tidemill.worker.GatedBroker.Hop;
import io.tidemill.worker.GatedBroker.Mode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {

    private static final Duration WITHIN = Duration.ofSeconds(2);

    private final WorkerHarness engine = new WorkerHarness();
    private final Pairs pairs = new Pairs();

    @AfterEach
    void close() {
        pairs.gate.countDown();
        engine.close();
    }

    /** Batches of two. Each remembers what it ran, and when. */
    public final class Pairs {

        final List<List<String>> ran = new CopyOnWriteArrayList<>();
        final List<Long> ranAtNanos = new CopyOnWriteArrayList<>();
        final CompletableFuture<Batch<String>> begun = new CompletableFuture<>();
        final Map<String, String> contexts = new ConcurrentHashMap<>();
        CountDownLatch gate = new CountDownLatch(0);

        @Task(
                queue = WorkerHarness.QUEUE,
                batch = @BatchSize(max = 2, within = "2s"),
                retry = @Retry(delay = "0s", jitter = false))
        public void pair(Batch<String> batch) throws InterruptedException {
            ran.add(batch.values());
            ranAtNanos.add(engine.clock.nanos());
            begun.complete(batch);
            gate.await();
            batch.each(value -> contexts.put(value, TaskContext.current().jobId()));
        }

        @Task(queue = WorkerHarness.QUEUE, batch = @BatchSize(max = 2, within = "1h"))
        public void patient(Batch<String> batch) throws InterruptedException {
            pair(batch);
        }

        @Task(queue = WorkerHarness.QUEUE, batch = @BatchSize(max = 2, within = "1h"))
        public void alsoPatient(Batch<String> batch) throws InterruptedException {
            pair(batch);
        }

        TaskContext context(String value) {
            return begun.orTimeout(20, TimeUnit.SECONDS).join().items().stream()
                    .filter(item -> item.value().equals(value))
                    .findFirst()
                    .orElseThrow()
                    .context();
        }
    }

    private void started(RunInterceptor... interceptors) {
        Worker worker = engine.worker(engine.options(4), pairs, interceptors);
        worker.start();
        engine.settle();
    }

    /** A job whose argument is its id. */
    private void enqueue(String id, String task) {
        byte[] arguments = ("[\"" + id + "\"]").getBytes(StandardCharsets.UTF_8);
        byte[] body = JobCodec.encode(new Job(task, arguments, 0, null, null, Map.of()));
        engine.memory
                .enqueue(WorkerHarness.QUEUE, List.of(NewJob.now(id, body, 4)))
                .join();
    }

    @Test
    void a_run_waits_for_others_as_long_as_its_task_says_and_then_runs_without_them() throws Exception {
        started();
        long before = engine.clock.nanos();
        enqueue("alone", "pair");

        Waits.until("the batch has run", () -> {
            engine.clock.advance(Duration.ofMillis(100));
            return !pairs.ran.isEmpty();
        });

        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(pairs.ran).containsExactly(List.of("alone"));
        assertThat(pairs.ranAtNanos.get(0) - before).isGreaterThanOrEqualTo(WITHIN.toNanos());
    }

    @Test
    void each_item_has_its_context_and_the_batch_has_none() throws Exception {
        started();
        enqueue("a", "pair");
        enqueue("b", "pair");
        engine.events.await(QueueEvent.Succeeded.class, 2);
        assertThat(pairs.contexts).isEqualTo(Map.of("a", "a", "b", "b"));
    }

    @Test
    void an_interceptor_that_throws_takes_only_its_own_item_out_of_the_batch() throws Exception {
        started(invocation -> {
            if (invocation.context().jobId().equals("bad")
                    && invocation.context().attempt() == 1) {
                throw new IllegalStateException("not this one");
            }
            return invocation.proceed();
        });
        enqueue("bad", "pair");
        enqueue("good", "pair");
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(pairs.ran.get(0)).containsExactly("good");
        assertThat(engine.events.await(QueueEvent.Retrying.class, 1))
                .extracting(event -> event.job().id())
                .containsExactly("bad");
    }

    @Test
    void an_item_whose_interceptor_returns_no_stage_fails_and_is_not_taken_for_done() throws Exception {
        started(invocation -> {
            Object stage = invocation.proceed();
            boolean isBad = invocation.context().jobId().equals("bad")
                    && invocation.context().attempt() == 1;
            return isBad ? null : stage;
        });
        enqueue("bad", "pair");
        enqueue("good", "pair");
        engine.events.await(QueueEvent.Succeeded.class, 1);
        assertThat(pairs.ran.get(0)).containsExactly("good");
        QueueEvent.Retrying retrying =
                engine.events.await(QueueEvent.Retrying.class, 1).get(0);
        assertThat(retrying.job().id()).isEqualTo("bad");
    }

    @Test
    void a_deadline_that_passes_while_the_batch_waits_ends_the_job_without_a_run() throws Exception {
        started();
        Job.More deadline = new Job.More(1, List.of(), engine.clock.millis() + 1_000);
        byte[] body = JobCodec.encode(new Job(
                "pair",
                "[\"late\"]".getBytes(StandardCharsets.UTF_8),
                engine.clock.millis(),
                null,
                null,
                null,
                0,
                Map.of(),
                deadline));
        engine.memory
                .enqueue(WorkerHarness.QUEUE, List.of(NewJob.now("late", body, 4)))
                .join();

        Waits.until("it is dead", () -> {
            engine.clock.advance(Duration.ofMillis(100));
            return !engine.events.events(QueueEvent.Died.class).isEmpty();
        });

        assertThat(pairs.ran).isEmpty();
    }

    @Test
    void a_lost_lease_concerns_only_its_own_item_and_that_runs_alone_the_next_time() throws Exception {
        pairs.gate = new CountDownLatch(1);
        started();
        engine.broker.set(Hop.EXTEND, Mode.FAIL);
        enqueue("lost", "patient");
        Waits.until("it is claimed", () -> engine.find("lost").state() == JobState.ACTIVE);
        engine.advance(WorkerHarness.RENEWAL);
        engine.advance(WorkerHarness.RENEWAL);
        enqueue("kept", "patient");
        TaskContext lost = pairs.context("lost");
        engine.broker.set(Hop.CLAIM, Mode.FAIL);
        engine.advance(WorkerHarness.RENEWAL);
        engine.advance(Duration.ofSeconds(1));
        engine.memory
                .sweeps()
                .recover(WorkerHarness.QUEUE, 100, 3, JobCodec.encode(Failure.of("LeaseEnded", "it ended")))
                .join();
        assertThat(engine.find("lost").lostLeases()).isOne();
        assertThat(engine.find("kept").lostLeases()).isZero();
        engine.broker.set(Hop.EXTEND, Mode.PASS);

        Waits.until("the lease is known to be lost", () -> {
            engine.clock.advance(Duration.ofMillis(100));
            return !lost.isLeaseValid();
        });
        pairs.gate.countDown();

        // The completion of the one may claim the other; a claim of its own needs time to move.
        engine.broker.set(Hop.CLAIM, Mode.PASS);
        Waits.until("the other has run again", () -> {
            engine.clock.advance(Duration.ofMillis(100));
            return pairs.ran.size() == 2;
        });
        assertThat(pairs.ran.get(1)).containsExactly("lost");
        assertThat(engine.events.await(QueueEvent.LeaseLost.class, 1))
                .extracting(event -> event.job().id())
                .containsExactly("lost");
        assertThat(engine.events.await(QueueEvent.Succeeded.class, 2))
                .extracting(event -> event.job().id())
                .containsExactlyInAnyOrder("kept", "lost");
    }

    @Test
    void two_tasks_whose_runs_hold_all_slots_do_not_wait_for_jobs_that_cannot_come() throws Exception {
        Worker worker = engine.worker(engine.options(2), pairs);
        worker.start();
        enqueue("one", "patient");
        enqueue("other", "alsoPatient");

        engine.events.await(QueueEvent.Succeeded.class, 1);

        // Both, if both came before either looked.
        assertThat(pairs.ran).hasSizeBetween(1, 2);
    }

    /** The clock is asked at each step, so an error may be thrown at each. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void an_error_while_runs_are_gathered_loses_none_of_them(int failing) {
        AtomicInteger asked = new AtomicInteger();
        Clock full = new Clock() {
            @Override
            public long millis() {
                return engine.clock.millis();
            }

            @Override
            public long nanos() {
                boolean isGathering = StackWalker.getInstance()
                        .walk(frames -> frames.limit(4)
                                .anyMatch(frame -> frame.getClassName().equals(Gatherer.class.getName())));
                if (isGathering && asked.incrementAndGet() == failing) {
                    throw new OutOfMemoryError("Java heap space");
                }
                return engine.clock.nanos();
            }

            @Override
            public Alarm alarm() {
                return engine.clock.alarm();
            }
        };
        Worker worker = engine.worker(engine.options(4), pairs, full);
        worker.start();
        engine.settle();
        List<String> jobs = List.of("a", "b", "c");

        jobs.forEach(job -> enqueue(job, "pair"));

        // Each run asks when it comes, and the first when it plans a look. The look at the third is the fifth.
        Waits.until("all have come, or the error has", () -> asked.get() >= Math.min(failing, 4));
        for (String job : jobs) {
            Waits.until(job + " has ended", () -> {
                engine.advance(Duration.ofMillis(200));
                engine.memory.sweeps().promote(WorkerHarness.QUEUE, 100).join();
                worker.look(WorkerHarness.QUEUE);
                return !engine.isKnown(job);
            });
        }
        WorkerHarness.awaitFree(worker);
        assertThat(asked).hasValueGreaterThanOrEqualTo(failing);
    }
}
