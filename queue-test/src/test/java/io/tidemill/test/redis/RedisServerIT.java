package io.tidemill.test.redis;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class RedisServerIT {

    @Test
    void to_close_it_twice_is_to_close_it_once() {
        RedisServer server = RedisServer.start();
        server.close();

        assertThatCode(server::close).doesNotThrowAnyException();
    }
}
