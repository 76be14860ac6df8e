package io.tidemill;

import io.tidemill.message.AesGcmSeal;
import io.tidemill.message.PayloadSeal;
import io.tidemill.message.PayloadSeal.Place;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.test.Recorder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.spec.SecretKeySpec;

/** A seal that notes where it seals, and tasks with a secret in their arguments, results and failures. */
abstract class SealHarness {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    static final String SECRET = "4111-1111";

    final Recorder events = new Recorder();

    final List<Place> places = new CopyOnWriteArrayList<>();

    final AesGcmSeal aes = AesGcmSeal.of("k1", key(1));

    /** Remembers where it sealed. */
    final PayloadSeal seal = new PayloadSeal() {
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

    static SecretKeySpec key(int first) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) first;
        return new SecretKeySpec(bytes, "AES");
    }

    TaskQueueBuilder worker() {
        return TaskQueue.builder()
                .tasks(new Tasks())
                .retry(RetryPolicy.defaults().withMaxAttempts(1))
                .listener(events);
    }
}
