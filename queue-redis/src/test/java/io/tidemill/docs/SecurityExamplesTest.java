package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.client.JobHandle;
import io.tidemill.event.QueueEvent;
import io.tidemill.message.AesGcmSeal;
import io.tidemill.message.HmacSeal;
import io.tidemill.message.SealKey;
import io.tidemill.task.JobState;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Secret;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Runs the Java of docs/guide-security.md, whose text {@link DocumentsTest} compares. */
class SecurityExamplesTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final List<String> CHARGED = new CopyOnWriteArrayList<>();

    /** Stands for a gateway. */
    interface Gateway {
        void charge(Card card, String pin, long cents);
    }

    // region: secret
    record Card(String holder, @Secret String number) {}

    public static class CardTasks {

        private final Gateway gateway;

        CardTasks(Gateway gateway) {
            this.gateway = gateway;
        }

        @Task(name = "charge")
        public void charge(Card card, @Secret String pin, long cents) {
            gateway.charge(card, pin, cents);
        }
    }
    // endregion

    private final CardTasks tasks = new CardTasks((card, pin, cents) -> CHARGED.add(card.number()));

    private static String random(int filler) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) filler;
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void a_seal() throws Exception {
        String text = random(1);
        // region: seal
        SealKey key = SealKey.ofBase64("2026-11", text); // openssl rand -base64 32
        TaskQueue queue =
                TaskQueue.builder().tasks(tasks).seal(AesGcmSeal.of(key)).start();
        // endregion
        try (queue) {
            JobHandle<Void> job = queue.enqueue(CardTasks::charge, new Card("ada", "4111"), "12", 500L);
            assertThat(job.await(SOON)).isNull();
            assertThat(CHARGED).contains("4111");
        }
    }

    @Test
    void a_change_of_keys() {
        SealKey november = SealKey.ofBase64("2026-11", random(1));
        SealKey december = SealKey.ofBase64("2026-12", random(2));
        // region: rotate
        AesGcmSeal first = AesGcmSeal.of(november).alsoOpening(december); // 1. in all processes
        AesGcmSeal then = AesGcmSeal.of(december).alsoOpening(november); // 2. in all processes
        AesGcmSeal last = AesGcmSeal.of(december); // 3. when nothing of November is kept any more
        // endregion
        assertThat(List.of(first, then, last))
                .hasToString("[AesGcmSeal[2026-11, 2026-12], AesGcmSeal[2026-12, 2026-11], AesGcmSeal[2026-12]]");
    }

    @Test
    void only_signed() throws Exception {
        SealKey key = SealKey.ofBase64("signing-1", random(3));
        // region: sign
        TaskQueue queue = TaskQueue.builder()
                .tasks(tasks)
                .seal(HmacSeal.of(key))
                .acceptUnsealed(false)
                .start();
        // endregion
        try (queue) {
            assertThat(queue.enqueue(CardTasks::charge, new Card("bob", "4222"), "12", 500L)
                            .await(SOON))
                    .isNull();
        }
    }

    @Test
    void what_a_page_shows() throws Exception {
        CardTasks broken = new CardTasks((card, pin, cents) -> {
            throw new IllegalStateException("refused");
        });
        Recorder events = new Recorder();
        try (TaskQueue queue = TaskQueue.builder()
                .tasks(broken)
                .retry(RetryPolicy.defaults().withMaxAttempts(1))
                .listener(events)
                .start()) {
            queue.enqueue(CardTasks::charge, new Card("ada", "4111 1111"), "1234", 500L);
            events.await(QueueEvent.Died.class, 1);

            assertThat(queue.admin().list("default", JobState.DEAD, 0, 1).get(0).payload())
                    .as("as docs/guide-security.md says")
                    .isEqualTo("[{\"holder\":\"ada\",\"number\":\"***\"},\"***\",500]");
        }
    }
}
