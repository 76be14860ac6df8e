package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StoredJobTest {

    @Test
    void a_new_record_is_a_head_and_the_body() {
        byte[] stored = StoredJob.create(7, bytes("body"));

        assertThat(stored).isEqualTo(bytes("A-7000000000000nbody"));
        StoredJob job = StoredJob.parse(stored);
        assertThat(job.body()).isEqualTo(bytes("body"));
        assertThat(job.priority()).isEqualTo(7);
        assertThat(job.failures() + job.expirations() + job.releases()).isZero();
        assertThat(job.failure()).isNull();
    }

    @Test
    void counts_and_a_failure_are_read_back() {
        StoredJob job = StoredJob.parse(bytes("As3001200300004fbodyfailed00000006"));

        assertThat(job.priority()).isEqualTo(3);
        assertThat(job.failures()).isEqualTo(12);
        assertThat(job.expirations()).isEqualTo(3);
        assertThat(job.releases()).isEqualTo(4);
        assertThat(job.body()).isEqualTo(bytes("body"));
        assertThat(job.failure()).isEqualTo(bytes("failed"));
    }

    @Test
    void a_layout_of_a_newer_version_is_refused_and_not_guessed() {
        assertThatThrownBy(() -> StoredJob.parse(bytes("B-4000000000000nbody")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("newer Tidemill");
        assertThatThrownBy(() -> StoredJob.parse(bytes("A-4"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_record_that_is_damaged_is_refused_and_not_guessed() {
        for (String damaged : new String[] {
            "",
            "A",
            "A-400000000000n",
            "A-40000000000x0nbody",
            "A-4000000000000?body",
            "A-4000000000000fbody",
            "A-4000000000000fbody00000099",
            "A-4000000000000f00000001",
            "A-4000000000000fbody0000000x"
        }) {
            assertThatThrownBy(() -> StoredJob.parse(bytes(damaged)))
                    .as(damaged)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
