package io.tidemill.test.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RedisExtension.class)
class RedisExtensionIT {

    private final RedisServer ofClass;

    RedisExtensionIT(RedisServer redis) {
        ofClass = redis;
    }

    @Test
    void aTestIsGivenTheServerOfItsClass(RedisServer redis) {
        assertThat(redis).isSameAs(ofClass).isNotSameAs(RedisServer.shared());
        assertThat(redis.port()).isPositive();
    }

    @Nested
    class InANestedClass {

        @Test
        void aTestIsGivenTheServerOfTheOutermostClass(RedisServer redis) {
            assertThat(redis).isSameAs(ofClass);
        }
    }
}
