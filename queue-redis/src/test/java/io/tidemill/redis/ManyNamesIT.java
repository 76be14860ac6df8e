package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.EnqueueReply;
import io.tidemill.broker.NewJob;
import io.tidemill.queue.QueueCounts;
import io.tidemill.test.redis.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ManyNamesIT {

    @Test
    void a_queue_that_was_forgotten_is_used_again_and_names_do_not_pile_up() {
        try (RedisServer server = RedisServer.start();
                RedisBroker broker = RedisBroker.connect(server.uri())) {
            broker.open();
            store(broker, "one");
            store(broker, "two");
            for (int from = 0; from < 8_000; from += 500) {
                List<CompletableFuture<QueueCounts>> asked = new ArrayList<>();
                for (int i = from; i < from + 500; i++) {
                    asked.add(broker.lists().counts("queue" + i));
                }
                asked.forEach(ManyNamesIT::get);
            }
            assertThat(broker.known()).isLessThan(2_500);

            store(broker, "three");

            assertThat(get(broker.lists().counts("again")).ready()).isEqualTo(3);
        }
    }

    /** Would be answered LATE if its number had come before. */
    private static void store(RedisBroker broker, String id) {
        assertThat(get(broker.enqueue("again", List.of(NewJob.now(id, new byte[1], 4)))))
                .first()
                .isInstanceOf(EnqueueReply.Accepted.class);
    }

    private static <V> V get(CompletableFuture<V> answer) {
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
