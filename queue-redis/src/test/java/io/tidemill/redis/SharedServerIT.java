package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.BrokerListener;
import io.tidemill.test.redis.RedisServer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Applications that share a server, by prefixes or by databases, know nothing of each other. */
class SharedServerIT extends ConnectionHarness {

    @Test
    void prefixes_and_database_numbers_keep_applications_apart() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisBroker one = open(server, PATIENT);
                RedisBroker other = open(server, PATIENT.withPrefix("shop"));
                RedisBroker third = RedisBroker.connect(server.uri() + "/3")) {
            enqueue(one, "a");

            assertThat(get(other.lists().counts(queue)).ready()).isZero();
            assertThat(get(third.lists().counts(queue)).ready()).isZero();
            assertThat(get(one.lists().counts(queue)).ready()).isEqualTo(1);
        }
    }

    /** Redis publishes to all databases alike. */
    @Test
    void what_is_told_in_one_database_is_not_heard_in_another() throws Exception {
        try (RedisServer server = RedisServer.start();
                RedisBroker first = RedisBroker.connect(server.uri() + "/1");
                RedisBroker second = RedisBroker.connect(server.uri() + "/2");
                RedisBroker listening = RedisBroker.connect(server.uri() + "/2")) {
            List<String> heard = new CopyOnWriteArrayList<>();
            listening.listen("w1", Set.of(queue), new Noting(heard));
            for (RedisBroker broker : List.of(first, second)) {
                enqueue(broker, "running");
                assertThat(claimed(broker)).containsExactly("running");
                enqueue(broker, "waiting");
                get(broker.lookUp().find(queue, "waiting", true));
            }
            get(listening.lookUp().find(queue, "waiting", true));

            for (RedisBroker broker : List.of(first, second)) {
                get(broker.cancellation().cancel(queue, "running"));
                get(broker.cancellation().cancel(queue, "waiting"));
            }

            until(() -> heard.contains("finished waiting"));
            assertThat(heard)
                    .filteredOn(news -> !news.equals("ready"))
                    .containsExactly("cancelRequested running", "finished waiting");

            assertThat(claimed(listening)).isEmpty();
            heard.clear();
            enqueue(second, "wakes");
            until(() -> heard.contains("ready"));
        }
    }

    private record Noting(List<String> heard) implements BrokerListener {

        @Override
        public void ready(String queue) {
            heard.add("ready");
        }

        @Override
        public void finished(String queue, String id) {
            heard.add("finished " + id);
        }

        @Override
        public void cancelRequested(String queue, String id) {
            heard.add("cancelRequested " + id);
        }
    }
}
