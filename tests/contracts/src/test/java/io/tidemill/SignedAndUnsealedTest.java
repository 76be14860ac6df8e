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
import io.tidemill.message.HmacSeal;
import io.tidemill.message.SealKey;
import io.tidemill.task.ConfigurationException;
import io.tidemill.task.JobState;
import io.tidemill.task.PayloadException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is only signed stays readable; what is not sealed is refused where a queue says so. */
class SignedAndUnsealedTest extends SealHarness {

    private final HmacSeal signing = HmacSeal.of(SealKey.of("s1", key(5).getEncoded()));

    @Test
    void a_job_that_is_not_sealed_is_dead_with_its_bytes_where_that_is_refused() throws Exception {
        try (TaskQueue clear = TaskQueue.builder().start();
                TaskQueue strict = worker().seal(seal).acceptUnsealed(false).start()) {
            byte[] written = clear.prepare(call(Tasks::echo, "x")).toBytes();
            strict.enqueue(PreparedJob.fromBytes(written));

            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .contains("it is not sealed, and what is not sealed is refused here (acceptUnsealed)");
            assertThat(strict.admin().list("cards", JobState.DEAD, 0, 10).get(0).payload())
                    .isEqualTo("[\"x\"]");
        }
    }

    @Test
    void a_sealed_job_runs_where_what_is_not_sealed_is_refused() throws Exception {
        try (TaskQueue strict = worker().seal(seal).acceptUnsealed(false).start()) {
            JobHandle<Void> refused = strict.enqueue(Tasks::refuse, "y");

            assertThat(strict.enqueue(Tasks::echo, "x").await(PATIENCE)).isEqualTo("paid with x");
            assertThatThrownBy(() -> refused.await(PATIENCE))
                    .isInstanceOf(JobFailedException.class)
                    .hasMessageContaining("refused y");
        }
    }

    @Test
    void a_result_that_is_not_sealed_is_refused_by_whoever_refuses_that() throws Exception {
        MemoryStore store = new MemoryStore();
        try (TaskQueue clear = worker().broker(new MemoryBroker(store)).start();
                TaskQueue strict = TaskQueue.builder()
                        .broker(new MemoryBroker(store))
                        .seal(seal)
                        .acceptUnsealed(false)
                        .start()) {
            JobHandle<String> job = clear.enqueue(Tasks::echo, "x");
            assertThat(job.await(PATIENCE)).isEqualTo("paid with x");

            JobHandle<Object> elsewhere = strict.job("cards", job.id());
            assertThatThrownBy(() -> elsewhere.await(PATIENCE))
                    .isInstanceOf(PayloadException.class)
                    .hasMessageContaining("it is not sealed");
        }
    }

    @Test
    void to_refuse_what_is_not_sealed_needs_a_seal() {
        TaskQueueBuilder builder = worker().acceptUnsealed(false);

        assertThatThrownBy(builder::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("there is no seal; add seal(...)");
    }

    @Test
    void what_is_only_signed_runs_and_can_be_read_on_pages() throws Exception {
        try (TaskQueue queue = worker().seal(signing).acceptUnsealed(false).start()) {
            assertThat(queue.enqueue(Tasks::echo, "x").await(PATIENCE)).isEqualTo("paid with x");
            queue.enqueue(Tasks::refuse, "y");
            events.await(QueueEvent.Died.class, 1);

            JobInfo dead = queue.admin().list("cards", JobState.DEAD, 0, 10).get(0);
            assertThat(dead.payload()).isEqualTo("[\"y\"]");
            assertThat(dead.failure()).isNotNull();
            assertThat(dead.failure().message()).isEqualTo("refused y");
        }
    }

    @Test
    void signed_arguments_that_were_changed_do_not_run() throws Exception {
        try (TaskQueue queue = worker().seal(signing).start()) {
            String written = new String(queue.prepare(call(Tasks::echo, "x")).toBytes(), StandardCharsets.ISO_8859_1);
            String changed = written.replace("[\"x\"]", "[\"z\"]");

            queue.enqueue(PreparedJob.fromBytes(changed.getBytes(StandardCharsets.ISO_8859_1)));

            assertThat(events.await(QueueEvent.Died.class, 1).get(0).reason())
                    .contains("the seal cannot open it: the signed bytes were changed or moved");
        }
    }
}
