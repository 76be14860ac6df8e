package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.BrokerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreflightTest {

    @ParameterizedTest
    @ValueSource(strings = {"2.8.24", "5.0.14", "6.0.20"})
    void a_server_that_is_too_old_is_refused(String version) {
        assertThatThrownBy(() -> Preflight.check("db:6379", "# Server\r\nredis_version:" + version + "\r\n"))
                .isInstanceOf(BrokerException.class)
                .hasMessage("Redis at db:6379 has version " + version.substring(0, 3)
                        + ", and Tidemill needs 6.2 or newer; use a newer Redis, or Valkey");
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.2.0", "7.0.15", "7.2.4", "8.10.1", "10.0.0"})
    void newer_ones_will_do(String version) {
        assertThatCode(() -> Preflight.check("db:6379", "# Server\r\nredis_version:" + version + "\r\n"))
                .doesNotThrowAnyException();
    }

    @Test
    void a_server_that_hides_its_version_is_given_the_benefit_of_the_doubt() {
        assertThatCode(() -> Preflight.check("db:6379", "")).doesNotThrowAnyException();
    }
}
