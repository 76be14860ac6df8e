package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.message.HmacSeal;
import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadSeal;
import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.message.SealKey;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.TaskContext;
import io.tidemill.task.WorkerOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What happens to jobs whose seal cannot be opened here, now, or ever. */
class SealFailuresTest extends SealHarness {

    @Test
    void a_job_from_before_the_seal_still_runs() throws Exception {
        try (TaskQueue clear = worker().start()) {
            byte[] written = clear.prepare(call(Tasks::echo, "x")).toBytes();
            try (TaskQueue sealed = worker().seal(seal).start()) {
                Object result = sealed.enqueue(PreparedJob.fromBytes(written)).await(PATIENCE);
                assertThat(result).isEqualTo("paid with x");
            }
        }
    }

    @Test
    void bytes_that_the_seal_cannot_open_make_the_job_dead_with_its_bytes() throws Exception {
        try (TaskQueue other =
                        TaskQueue.builder().seal(AesGcmSeal.of("k1", key(9))).start();
                TaskQueue queue = worker().seal(seal).start()) {
            byte[] written = other.prepare(call(Tasks::echo, SECRET)).toBytes();
            queue.enqueue(PreparedJob.fromBytes(written));

            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason()).contains("the seal cannot open it");
        }
    }

    @Test
    void a_seal_that_fails_for_a_time_fails_the_run_and_not_the_job() throws Exception {
        AtomicInteger opened = new AtomicInteger();
        PayloadSeal vault = new PayloadSeal() {
            @Override
            public byte[] seal(byte[] clear, Place place) {
                return aes.seal(clear, place);
            }

            @Override
            public byte[] open(byte[] bytes, Place place) {
                if (place.kind() == Kind.ARGUMENTS && opened.getAndIncrement() == 0) {
                    throw new IllegalStateException("vault is away");
                }
                return aes.open(bytes, place);
            }
        };
        RetryPolicy choosy =
                RetryPolicy.defaults().withDelay(Duration.ofMillis(1)).withOn(List.of(java.io.IOException.class));
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .retry(choosy)
                .seal(vault)
                .listener(events)
                .start()) {
            assertThat(queue.enqueue(Tasks::echo, SECRET).await(PATIENCE)).isEqualTo("paid with " + SECRET);
            events.await(QueueEvent.Retrying.class, 1);
        }
        assertThat(opened).hasValue(2);
        assertThat(events.events(QueueEvent.Retrying.class))
                .extracting(failed -> failed.failure().message())
                .allMatch(message -> message.contains("the seal failed: IllegalStateException: vault is away"))
                .hasSize(1);
    }

    /** Another run would do the work twice. */
    @Test
    void a_seal_that_fails_after_the_work_makes_the_job_dead() throws Exception {
        PayloadSeal vault = new PayloadSeal() {
            @Override
            public byte[] seal(byte[] clear, Place place) {
                if (place.kind() == Kind.RESULT) {
                    throw new IllegalStateException("vault is away");
                }
                return aes.seal(clear, place);
            }

            @Override
            public byte[] open(byte[] bytes, Place place) {
                return aes.open(bytes, place);
            }
        };
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(new Tasks())
                .seal(vault)
                .listener(events)
                .start()) {
            queue.enqueue(Tasks::echo, SECRET);
            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .contains("ran to its end, but the seal failed: IllegalStateException: vault is away");
        }
    }

    @Test
    void a_seal_that_fails_refuses_a_call() {
        PayloadSeal broken = new PayloadSeal() {
            @Override
            public byte[] seal(byte[] clear, Place place) {
                throw new IllegalStateException("vault is away");
            }

            @Override
            public byte[] open(byte[] bytes, Place place) {
                return bytes;
            }
        };
        try (TaskQueue queue = TaskQueue.builder().seal(broken).start()) {
            assertThatThrownBy(() -> queue.enqueue(Tasks::echo, SECRET))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("was not enqueued: the seal failed: IllegalStateException: vault is away");
        }
    }

    @Test
    void a_key_that_cannot_seal_is_refused_when_it_is_given() {
        SecretKeySpec odd = new SecretKeySpec(new byte[15], "AES");
        assertThatThrownBy(() -> AesGcmSeal.of("k1", odd)).hasMessageContaining("128, 192 or 256 bits, got 120");
        assertThatThrownBy(() -> aes.alsoOpening("k1", key(2))).hasMessageContaining("a key named k1 already");
    }

    @Test
    void a_key_of_a_provider_is_good_for_the_algorithm_that_it_is_for() {
        SealKey forAes = SealKey.of("k2", new SecretKeySpec(new byte[32], "AES"));
        SealKey forHmac = SealKey.of("k3", new SecretKeySpec(new byte[32], "HmacSHA256"));

        assertThatThrownBy(() -> HmacSeal.of(forAes)).hasMessageContaining("k2 must be for HmacSHA256, got AES");
        assertThatThrownBy(() -> HmacSeal.of(forHmac).alsoOpening(forAes)).hasMessageContaining("got AES");
        assertThatThrownBy(() -> AesGcmSeal.of(forHmac)).hasMessageContaining("k3 must be for AES, got HmacSHA256");
        assertThatThrownBy(() -> aes.alsoOpening(forHmac)).hasMessageContaining("got HmacSHA256");
        assertThatThrownBy(() -> SealKey.of("k4", new SecretKeySpec(new byte[32], "DES")))
                .hasMessageContaining("must be for AES or HmacSHA256, got DES");
    }

    @Test
    void a_job_whose_key_is_not_here_goes_back_until_a_process_with_the_key_runs_it() throws Exception {
        MemoryStore store = new MemoryStore();
        AesGcmSeal next = AesGcmSeal.of("k2", key(2));
        try (TaskQueue sealing = TaskQueue.builder()
                        .broker(new MemoryBroker(store))
                        .seal(next)
                        .start();
                TaskQueue old = worker().broker(new MemoryBroker(store))
                        .seal(seal)
                        .worker(WorkerOptions.defaults()
                                .withUnknownTaskDelay(Duration.ofMillis(1))
                                .withMaxUnknownReleases(10_000))
                        .start()) {
            JobHandle<String> job = sealing.enqueue(call(Tasks::echo, SECRET));

            assertThat(events.await(QueueEvent.Released.class, 2).get(0).reason())
                    .contains("a key that is not here: \"k2\"");
            assertThat(events.events(QueueEvent.Died.class)).isEmpty();
            try (TaskQueue changed = worker().broker(new MemoryBroker(store))
                    .seal(next.alsoOpening("k1", key(1)))
                    .start()) {
                assertThat(job.await(PATIENCE)).isEqualTo("paid with " + SECRET);
                JobHandle<Object> elsewhere = old.job("cards", job.id());
                assertThatThrownBy(() -> elsewhere.await(PATIENCE)).isInstanceOf(MissingKeyException.class);
            }
        }
    }

    /** A task with a step whose first run fails after the step. */
    public static class Stepping {

        final List<String> done = new CopyOnWriteArrayList<>();

        @Task(queue = "cards", retry = @Retry(maxAttempts = 2, delay = "1ms"))
        public String pay(String card) {
            TaskContext context = TaskContext.current();
            String receipt = context.step("pay", String.class, () -> {
                done.add("pay");
                return "paid with " + card;
            });
            if (context.attempt() == 1) {
                throw new IllegalStateException("after the step");
            }
            return receipt;
        }
    }

    @Test
    void a_job_that_has_recorded_a_step_with_a_key_that_is_not_here_now_goes_back_and_spends_no_attempt()
            throws Exception {
        AtomicInteger opened = new AtomicInteger();
        PayloadSeal vault = new PayloadSeal() {
            @Override
            public byte[] seal(byte[] clear, Place place) {
                return aes.seal(clear, place);
            }

            @Override
            public byte[] open(byte[] bytes, Place place) {
                if (place.kind() == Kind.STEP && opened.getAndIncrement() == 0) {
                    throw new MissingKeyException("the vault has not the key k1 now");
                }
                return aes.open(bytes, place);
            }
        };
        Stepping tasks = new Stepping();
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(tasks)
                .seal(vault)
                .worker(WorkerOptions.defaults().withUnknownTaskDelay(Duration.ofMillis(1)))
                .listener(events)
                .start()) {
            assertThat(queue.enqueue(Stepping::pay, SECRET).await(PATIENCE)).isEqualTo("paid with " + SECRET);

            assertThat(events.await(QueueEvent.Released.class, 1).get(0).reason())
                    .contains("the vault has not the key k1 now");
        }
        assertThat(tasks.done).containsExactly("pay");
        assertThat(opened).hasValue(2);
    }

    @Test
    void a_job_whose_key_nobody_has_is_dead_in_the_end_and_says_which_key_it_was() throws Exception {
        try (TaskQueue other =
                        TaskQueue.builder().seal(AesGcmSeal.of("k9", key(9))).start();
                TaskQueue queue = worker().seal(seal)
                        .worker(WorkerOptions.defaults()
                                .withUnknownTaskDelay(Duration.ofMillis(1))
                                .withMaxUnknownReleases(1))
                        .start()) {
            queue.enqueue(PreparedJob.fromBytes(
                    other.prepare(call(Tasks::echo, SECRET)).toBytes()));

            QueueEvent.Died died = events.await(QueueEvent.Died.class, 1).get(0);
            assertThat(died.failure().type()).isEqualTo("MissingKey");
            assertThat(died.reason()).contains("\"k9\"", "maxUnknownReleases");
        }
    }

    @Test
    void a_process_that_has_not_the_key_of_many_jobs_warns_once() throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try (TaskQueue other =
                        TaskQueue.builder().seal(AesGcmSeal.of("k9", key(9))).start();
                TaskQueue queue = worker().seal(seal).start()) {
            for (int i = 0; i < 5; i++) {
                queue.enqueue(PreparedJob.fromBytes(
                        other.prepare(call(Tasks::echo, SECRET)).toBytes()));
            }
            events.await(QueueEvent.Released.class, 5);
        } finally {
            System.setErr(before);
        }

        assertThat(logged.toString(StandardCharsets.UTF_8).lines())
                .filteredOn(line -> line.contains("WARN") && line.contains("\"k9\""))
                .hasSize(1);
    }

    @Test
    void a_process_without_the_seal_gives_a_sealed_job_back() throws Exception {
        try (TaskQueue sealing = TaskQueue.builder().seal(seal).start();
                TaskQueue queue = worker().start()) {
            byte[] written = sealing.prepare(call(Tasks::echo, SECRET)).toBytes();
            queue.enqueue(PreparedJob.fromBytes(written));

            assertThat(events.await(QueueEvent.Released.class, 1).get(0).reason())
                    .contains("add seal(...)");
        }
    }
}
