package io.tidemill.examples.engreene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisURI;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    @Test
    void hasDefaultsForADevelopersMachine() {
        Settings settings = Settings.from(Map.of());

        assertThat(settings.redisUrl()).isEqualTo("redis://localhost:6379");
        assertThat(settings.commissionRate()).isEqualTo(new BigDecimal("0.10"));
        assertThat(settings.reminderHours()).containsExactly(8, 24, 48, 168);
        assertThat(settings.reminders())
                .containsExactly(
                        Duration.ofHours(8), Duration.ofHours(24), Duration.ofHours(48), Duration.ofHours(168));
        assertThat(settings.smtpHost()).isEqualTo("localhost");
        assertThat(settings.smtpPort()).isEqualTo(25);
        assertThat(settings.vendorUrl()).hasToString("http://localhost:8091");
    }

    @Test
    void readsTheEnvironment() {
        Settings settings = Settings.from(Map.of(
                "REDIS_URL", "rediss://app@redis.example:6390/3",
                "REDIS_PASSWORD", "secret",
                "COMMISSION_RATE", "0.125",
                "RESPONSE_REMINDER_HOURS", "1, 2,3",
                "ENGREENE_HOUR_MILLIS", "100",
                "SMTP_HOST", "mail.example",
                "SMTP_PORT", "587",
                "VENDOR_URL", "https://vendors.example"));

        assertThat(settings.redisUrl()).isEqualTo("rediss://app:secret@redis.example:6390/3");
        assertThat(settings.commissionRate()).isEqualTo(new BigDecimal("0.125"));
        assertThat(settings.reminders())
                .containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(300));
        assertThat(settings.smtpHost()).isEqualTo("mail.example");
        assertThat(settings.smtpPort()).isEqualTo(587);
        assertThat(settings.vendorUrl()).hasToString("https://vendors.example");
    }

    @Test
    void aPasswordMayHaveAnyCharacter() {
        Settings settings = Settings.from(Map.of("REDIS_PASSWORD", "p@ss:w/rd %41+?#é"));

        RedisURI uri = RedisURI.create(settings.redisUrl());
        assertThat(new String(uri.getCredentialsProvider()
                        .resolveCredentials()
                        .block()
                        .getPassword()))
                .isEqualTo("p@ss:w/rd %41+?#é");
        assertThat(uri.getHost()).isEqualTo("localhost");
    }

    @Test
    void saysAllThatIsWrongAtOnce() {
        assertThatThrownBy(() -> Settings.from(Map.of(
                        "REDIS_URL", "localhost:6379",
                        "COMMISSION_RATE", "10%",
                        "RESPONSE_REMINDER_HOURS", "8,24,12",
                        "SMTP_PORT", "smtp",
                        "VENDOR_URL", "vendors")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("REDIS_URL must be an address such as redis://localhost:6379"
                        + "; COMMISSION_RATE must be a number from 0 to 1, such as 0.10, got '10%'"
                        + "; RESPONSE_REMINDER_HOURS must be 1 to 20 whole hours, rising, 1 to 8760 each, such as"
                        + " 8,24,48,168, got '8,24,12'"
                        + "; SMTP_PORT must be a whole number from 1 to 65535, got 'smtp'"
                        + "; VENDOR_URL must be an address such as http://host:8091, got 'vendors'");
    }

    @Test
    void refusesValuesOutOfRange() {
        for (String rate : new String[] {"-0.1", "1.1", "0.1234567", "", "1e-9"}) {
            assertThatThrownBy(() -> Settings.from(Map.of("COMMISSION_RATE", rate)))
                    .hasMessageStartingWith("COMMISSION_RATE must be");
        }
        for (String hours : new String[] {"", "0", "8,8", "8,,24", "8761", "1.5"}) {
            assertThatThrownBy(() -> Settings.from(Map.of("RESPONSE_REMINDER_HOURS", hours)))
                    .hasMessageStartingWith("RESPONSE_REMINDER_HOURS must be");
        }
    }

    @Test
    void showsNoPassword() {
        Map<String, String> two = Map.of("REDIS_URL", "redis://:hidden@host:6379", "REDIS_PASSWORD", "secret");

        assertThatThrownBy(() -> Settings.from(two))
                .hasMessage("REDIS_PASSWORD is set, and REDIS_URL has a password as well; leave one of them out");
        assertThatThrownBy(() -> Settings.from(Map.of("REDIS_URL", "http://:hidden@host:6379")))
                .hasMessageNotContaining("hidden");
        assertThat(Settings.from(Map.of("REDIS_PASSWORD", "secret")).toString())
                .contains("redis=localhost:6379")
                .doesNotContain("secret");
    }
}
