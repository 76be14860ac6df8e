package io.tidemill.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.message.JsonPayloadCodec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailTest {

    @Test
    void the_usual_payload_is_what_the_documents_say() {
        assertThat(json(Mail.WELCOME)).isEqualTo("[{\"to\":\"user@example.com\",\"subject\":\"Welcome\",\"n\":1}]");
    }

    @ParameterizedTest
    @ValueSource(ints = {51, 200, 1050})
    void a_mail_has_as_many_bytes_as_asked_for(int bytes) {
        assertThat(json(Mail.of(bytes))).hasSize(bytes + "[]".length());
    }

    private static String json(Mail mail) {
        return new String(new JsonPayloadCodec().encodeUnchecked(new Object[] {mail}, null), StandardCharsets.UTF_8);
    }
}
