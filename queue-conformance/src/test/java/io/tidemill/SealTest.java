package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.admin.JobInfo;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.broker.memory.MemoryStore;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadSeal;
import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.Unique;
import io.tidemill.task.WorkerOptions;
import io.tidemill.test.Recorder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** That a seal lets nobody read what users put into jobs, and that it binds what it seals to its place. */
class SealTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String SECRET = "4111-1111";

    private final Recorder events = new Recorder();
    private final List<Place> places = new CopyOnWriteArrayList<>();
    private final AesGcmSeal aes = AesGcmSeal.of("k1", key(1));

    /** Remembers where it sealed. */
    private final PayloadSeal seal = new PayloadSeal() {
        @Override
        public byte[] seal(byte[] clear, Place place) {
            places.add(place);
            return aes.seal(clear, place);
        }

        @Override
        public byte[] open(byte[] sealed, Place place) {
            return aes.open(sealed, place);
        }
    };

    /** Tasks with a secret in arguments, result and failure. */
    public static final class Tasks {

        @Task(name = "echo", queue = "cards")
        public String echo(String card) {
            return "paid with " + card;
        }

        @Task(name = "refuse", queue = "cards")
        public void refuse(String card) {
            throw new IllegalArgumentException("refused " + card);
        }
    }

    private static SecretKeySpec key(int first) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        return new SecretKeySpec(bytes, "AES");
    }

    private TaskQueueBuilder worker() {
        return TaskQueue.builder()
                .tasks(new Tasks())
                .retry(RetryPolicy.defaults().withMaxAttempts(1))
                .listener(events);
    }

    @Test
    void a_sealed_job_runs_and_its_result_comes_back() throws Exception {
        try (TaskQueue queue = worker().seal(seal).start()) {
            JobHandle<String> job = queue.enqueue(Tasks::echo, SECRET);

            assertThat(job.await(PATIENCE)).isEqualTo("paid with " + SECRET);
            assertThat(queue.job("cards", job.id()).await(PATIENCE))
                    .as("by whoever knows only the id")
                    .isEqualTo("paid with " + SECRET);
            assertThat(places)
                    .containsExactly(
                            new Place(Kind.ARGUMENTS, "cards", "echo", job.id()),
                            new Place(Kind.RESULT, "cards", "echo", job.id()));
        }
    }

    @Test
    void an_update_of_another_job_is_refused_as_its_arguments_could_not_be_opened() {
        try (TaskQueue queue = worker().seal(seal).start()) {
            assertThatThrownBy(() -> queue.enqueue(
                            call(Tasks::echo, SECRET).unique(Unique.debounce("key", Duration.ofMinutes(1)))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unique key key asks for UPDATE")
                    .hasMessageEndingWith("use REPLACE");
        }
    }

    @Test
    void operators_see_nothing_of_arguments_and_failures_in_clear() throws Exception {
        try (TaskQueue queue = worker().seal(seal).start()) {
            JobHandle<Void> job = queue.enqueue(Tasks::refuse, SECRET);
            assertThatThrownBy(() -> job.await(PATIENCE))
                    .as("who awaits it has the seal")
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("refused " + SECRET);

            JobInfo dead = queue.admin().list("cards", JobState.DEAD, 0, 10).get(0);
            assertThat(dead.task()).isEqualTo("refuse");
            assertThat(dead.payload()).startsWith("sealed: ").doesNotContain("4111");
            assertThat(dead.failure()).isNotNull();
            assertThat(dead.failure().type()
                            + dead.failure().message()
                            + dead.failure().stack())
                    .isEqualTo("sealed" + "its failure is sealed, and this process cannot open it");
        }
    }

    @Test
    void the_broker_holds_nothing_in_clear() throws Exception {
        MemoryBroker broker = new MemoryBroker();
        try (TaskQueue queue = TaskQueue.builder().broker(broker).seal(seal).start()) {
            JobHandle<String> job = queue.enqueue(call(Tasks::echo, SECRET));

            byte[] body = broker.lookUp()
                    .find("cards", job.id(), false)
                    .join()
                    .orElseThrow()
                    .body();
            assertThat(new String(body, StandardCharsets.ISO_8859_1))
                    .contains("echo")
                    .doesNotContain("4111");
        }
    }

    @Test
    void what_is_sealed_cannot_be_read_in_another_place() {
        Place place = new Place(Kind.ARGUMENTS, "cards", "echo", "7");
        byte[] sealed = aes.seal(SECRET.getBytes(StandardCharsets.UTF_8), place);

        assertThat(aes.open(sealed, place)).isEqualTo(SECRET.getBytes(StandardCharsets.UTF_8));
        for (Place other : List.of(
                new Place(Kind.RESULT, "cards", "echo", "7"),
                new Place(Kind.ARGUMENTS, "card", "secho", "7"),
                new Place(Kind.ARGUMENTS, "cards", "other", "7"),
                new Place(Kind.ARGUMENTS, "cards", "echo", "8"))) {
            assertThatThrownBy(() -> aes.open(sealed, other)).isInstanceOf(PayloadException.class);
        }
        sealed[sealed.length - 1] ^= 1;
        assertThatThrownBy(() -> aes.open(sealed, place)).hasMessageContaining("changed or moved");
    }

    @Test
    void a_key_may_be_changed_while_jobs_wait() {
        Place place = new Place(Kind.ARGUMENTS, "cards", "echo", "7");
        byte[] before = aes.seal(new byte[] {1, 2}, place);
        AesGcmSeal after = AesGcmSeal.of("k2", key(2)).alsoOpening("k1", key(1));

        assertThat(after.open(before, place)).containsExactly(1, 2);
        assertThatThrownBy(() -> aes.open(after.seal(new byte[] {1}, place), place))
                .isInstanceOf(MissingKeyException.class)
                .hasMessageContaining("a key that is not here: \"k2\"");
    }

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
    void arguments_of_one_task_are_not_run_by_another_whose_name_was_written_over_it() throws Exception {
        MemoryBroker broker = new MemoryBroker();
        try (TaskQueue queue = worker().broker(broker).seal(seal).start()) {
            byte[] written = queue.prepare(call(Tasks::echo, SECRET)).toBytes();
            String changed = new String(written, StandardCharsets.ISO_8859_1).replaceFirst("1 echo ", "1 eche ");
            try (TaskQueue other = TaskQueue.builder()
                    .listener(events)
                    .seal(seal)
                    .handle("eche", String.class, (text, context) -> {})
                    .task("eche", task -> task.queue("cards"))
                    .start()) {
                other.enqueue(PreparedJob.fromBytes(changed.getBytes(StandardCharsets.ISO_8859_1)));

                assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                        .contains("it was sealed for task \"echo\"");
            }
        }
    }

    @Test
    void a_job_like_a_sealed_one_is_sealed_for_its_own_id_and_runs() throws Exception {
        try (TaskQueue queue = worker().seal(seal).start()) {
            PreparedJob pattern = PreparedJob.fromBytes(
                    queue.prepare(call(Tasks::echo, SECRET)).toBytes());

            PreparedJob like = queue.prepareLike(pattern, "like-1");
            PreparedJob other = queue.prepareLike(pattern, "like-2", "other card");

            assertThat(new String(like.job().body(), StandardCharsets.ISO_8859_1))
                    .doesNotContain(SECRET);
            assertThat(new String(other.job().body(), StandardCharsets.ISO_8859_1))
                    .doesNotContain("other card");
            assertThat(places)
                    .contains(
                            new Place(Kind.ARGUMENTS, "cards", "echo", "like-1"),
                            new Place(Kind.ARGUMENTS, "cards", "echo", "like-2"));
            assertThat(queue.enqueue(like).await(PATIENCE)).isEqualTo("paid with " + SECRET);
            assertThat(queue.enqueue(other).await(PATIENCE)).isEqualTo("paid with other card");
        }
    }

    @Test
    void a_job_like_one_from_before_the_seal_is_sealed() {
        try (TaskQueue clear = TaskQueue.builder().start();
                TaskQueue sealing = TaskQueue.builder().seal(seal).start()) {
            PreparedJob pattern = clear.prepare(call(Tasks::echo, SECRET));

            PreparedJob like = sealing.prepareLike(pattern, "like-1");

            assertThat(new String(like.job().body(), StandardCharsets.ISO_8859_1))
                    .doesNotContain(SECRET);
        }
    }

    @Test
    void a_job_like_a_sealed_one_needs_the_seal_unless_it_has_arguments_of_its_own() {
        try (TaskQueue sealing = TaskQueue.builder().seal(seal).start();
                TaskQueue clear = TaskQueue.builder().start()) {
            PreparedJob pattern = sealing.prepare(call(Tasks::echo, SECRET));

            assertThatThrownBy(() -> clear.prepareLike(pattern, "like-1"))
                    .isInstanceOf(MissingKeyException.class)
                    .hasMessageContaining("add seal(...)");
            assertThat(new String(
                            clear.prepareLike(pattern, "like-2", "open").job().body(), StandardCharsets.UTF_8))
                    .endsWith("[\"open\"]");
        }
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
