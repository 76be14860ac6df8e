package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.ClientResources;
import io.tidemill.TaskQueue;
import io.tidemill.task.BrokerException;
import io.tidemill.test.redis.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a program may change at the Lettuce client, and what it may not. */
class CustomizerIT {

    private static final String PASSWORD = "open-sesame";

    @Test
    void the_client_has_its_name_and_asks_for_its_credentials_with_every_connection() {
        AtomicInteger asked = new AtomicInteger();
        RedisCredentialsProvider vault = RedisCredentialsProvider.from(() -> {
            asked.incrementAndGet();
            return RedisCredentials.just(null, PASSWORD);
        });
        RedisOptions options = RedisOptions.defaults().withCustomizer(new RedisCustomizer() {
            @Override
            public void address(RedisURI uri) {
                uri.setClientName("shop-mail");
                uri.setCredentialsProvider(vault);
            }
        });
        try (RedisServer server = RedisServer.start();
                RedisClient client = RedisClient.create(server.uri());
                StatefulRedisConnection<String, String> redis = client.connect()) {
            redis.sync().configSet("requirepass", PASSWORD);
            try (TaskQueue queue = TaskQueue.builder()
                    .broker(RedisBroker.connect(server.uri(), options))
                    .handle("hello", String.class, (text, context) -> {})
                    .start()) {
                queue.enqueue("hello", "Ada");

                assertThat(redis.sync().clientList()).contains("name=shop-mail");
                assertThat(asked.get()).isGreaterThan(1);
            }
        }
    }

    @Test
    void encryption_may_be_switched_on_and_is_then_asked_of_the_server() {
        RedisOptions options = RedisOptions.defaults()
                .withConnectTimeout(Duration.ofSeconds(2))
                .withCustomizer(new RedisCustomizer() {
                    @Override
                    public void address(RedisURI uri) {
                        uri.setSsl(true);
                    }
                });
        try (RedisServer server = RedisServer.start();
                RedisBroker broker = RedisBroker.connect(server.uri(), options)) {
            assertThatThrownBy(broker::open).as("this server has no TLS").isInstanceOf(BrokerException.class);
        }
    }

    @Test
    void what_tidemill_depends_on_stays_as_it_is() {
        List<String> called = new ArrayList<>();
        RedisOptions options = RedisOptions.defaults().withCustomizer(new RedisCustomizer() {
            @Override
            public void client(ClientOptions.Builder client) {
                called.add("client");
                client.autoReconnect(false)
                        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.ACCEPT_COMMANDS)
                        .suspendReconnectOnProtocolFailure(true);
            }

            @Override
            public void resources(ClientResources.Builder resources) {
                called.add("resources");
                resources.ioThreadPoolSize(7);
            }
        });
        try (RedisServer server = RedisServer.start();
                RedisLink link = new RedisLink(RedisAddress.parse(server.uri()), options)) {
            ClientOptions client = link.clientOptions();

            assertThat(called).containsExactlyInAnyOrder("client", "resources");
            assertThat(client.isAutoReconnect()).isTrue();
            assertThat(client.getDisconnectedBehavior()).isEqualTo(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS);
            assertThat(client.isSuspendReconnectOnProtocolFailure())
                    .as("not ours")
                    .isTrue();
        }
    }
}
