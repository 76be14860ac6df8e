package io.tidemill.examples.ecoeaze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    @Test
    void hasDefaultsForADevelopersMachine() {
        Settings settings = Settings.from(Map.of());

        assertThat(settings.redis(RedisDb.BROKER)).isEqualTo("redis://localhost:6379/0");
        assertThat(settings.smtpHost()).isEqualTo("localhost");
        assertThat(settings.smtpPort()).isEqualTo(25);
        assertThat(settings.smsUrl()).hasToString("http://localhost:8090/messages");
        assertThat(settings.httpPort()).isEqualTo(8080);
        assertThat(settings.metricsPort()).isEqualTo(9464);
        assertThat(settings.outputDir()).isEqualTo(Path.of("target/ecoeaze-out"));
        assertThat(settings.uploadDir()).isEqualTo(Path.of("target/ecoeaze-out/uploads"));
    }

    @Test
    void readsTheEnvironment() {
        Settings settings = Settings.from(Map.of(
                "REDIS_URL", "rediss://app:secret@redis.example:6390",
                "SMTP_HOST", "mail.example",
                "SMTP_PORT", "587",
                "SMS_URL", "https://sms.example/send",
                "ECOEAZE_HTTP_PORT", "0",
                "ECOEAZE_METRICS_PORT", "9500",
                "ECOEAZE_OUTPUT_DIR", "out",
                "ECOEAZE_UPLOAD_DIR", "in"));

        assertThat(settings.redis(RedisDb.IMAGES)).isEqualTo("rediss://app:secret@redis.example:6390/5");
        assertThat(settings.smtpHost()).isEqualTo("mail.example");
        assertThat(settings.smtpPort()).isEqualTo(587);
        assertThat(settings.smsUrl()).hasToString("https://sms.example/send");
        assertThat(settings.httpPort()).isZero();
        assertThat(settings.metricsPort()).isEqualTo(9500);
        assertThat(settings.outputDir()).isEqualTo(Path.of("out"));
        assertThat(settings.uploadDir()).isEqualTo(Path.of("in"));
    }

    @Test
    void numbersTheDatabasesAsTheDocumentDoes() {
        Settings settings = Settings.from(Map.of("REDIS_URL", "redis://localhost:6379/9"));

        assertThat(RedisDb.values())
                .extracting(settings::redis)
                .containsExactly(
                        "redis://localhost:6379/0",
                        "redis://localhost:6379/1",
                        "redis://localhost:6379/2",
                        "redis://localhost:6379/3",
                        "redis://localhost:6379/4",
                        "redis://localhost:6379/5");
    }

    @Test
    void refusesAPortThatIsNone() {
        assertThatThrownBy(() -> Settings.from(Map.of("SMTP_PORT", "smtp")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("SMTP_PORT must be a port, 1 to 65535, got 'smtp'");
        assertThatThrownBy(() -> Settings.from(Map.of("SMTP_PORT", "65536"))).hasMessageContaining("'65536'");
    }
}
