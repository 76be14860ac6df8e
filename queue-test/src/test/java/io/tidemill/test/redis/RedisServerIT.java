package io.tidemill.test.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RedisServerIT {

    @Test
    void to_close_it_twice_is_to_close_it_once() {
        RedisServer server = RedisServer.start();
        server.close();

        assertThatCode(server::close).doesNotThrowAnyException();
    }

    @Test
    void a_port_that_somebody_took_meanwhile_is_left_for_another_one() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            AtomicInteger tries = new AtomicInteger();

            try (RedisServer server = RedisServer.startAtOneOf(
                    () -> tries.incrementAndGet() == 1 ? taken.getLocalPort() : RedisServer.freePort())) {
                assertThat(tries).hasValueGreaterThan(1);
                assertThat(server.port()).isNotEqualTo(taken.getLocalPort());
            }
        }
    }
}
