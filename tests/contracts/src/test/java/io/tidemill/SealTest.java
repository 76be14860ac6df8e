package io.tidemill;

import static io.tidemill.client.Call.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.admin.JobInfo;
import io.tidemill.broker.memory.MemoryBroker;
import io.tidemill.client.JobFailedException;
import io.tidemill.client.JobHandle;
import io.tidemill.client.PreparedJob;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.message.MissingKeyException;
import io.tidemill.message.PayloadSeal.Kind;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import io.tidemill.task.Unique;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That a seal lets nobody read what users put into jobs, and that it binds what it seals to its place. */
class SealTest extends SealHarness {

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
                    // Not a part of it, which the time in the record may have by chance.
                    .doesNotContain(SECRET);
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
}
