package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredJobTest {

    @Test
    void a_new_record_is_a_head_and_the_body() {
        byte[] stored = StoredJob.create(7, bytes("body"));

        assertThat(stored).isEqualTo(bytes("A-7000000000000nbody"));
        StoredJob job = StoredJob.parse(stored);
        assertThat(job.body()).isEqualTo(bytes("body"));
        assertThat(job.priority()).isEqualTo(7);
        assertThat(job.failures() + job.lostLeases() + job.releases()).isZero();
        assertThat(job.failure()).isNull();
    }

    @Test
    void counts_and_a_failure_are_read_back() {
        StoredJob job = StoredJob.parse(bytes("As3001200300004fbodyfailed00000006"));

        assertThat(job.priority()).isEqualTo(3);
        assertThat(job.failures()).isEqualTo(12);
        assertThat(job.lostLeases()).isEqualTo(3);
        assertThat(job.releases()).isEqualTo(4);
        assertThat(job.body()).isEqualTo(bytes("body"));
        assertThat(job.failure()).isEqualTo(bytes("failed"));
    }

    @Test
    void a_layout_of_a_newer_version_is_refused_and_not_guessed() {
        assertThatThrownBy(() -> StoredJob.parse(bytes("D-4000000000000nbody")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("newer version");
        assertThatThrownBy(() -> StoredJob.parse(bytes("A-4"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_record_with_a_flow_has_it_between_head_and_body() {
        StoredJob job = StoredJob.parse(bytes("B-7000100000000f0012udkey gblue bodyfailed00000006"));

        assertThat(job.hasConstraints()).isTrue();
        assertThat(job.body()).isEqualTo(bytes("body"));
        assertThat(job.failure()).isEqualTo(bytes("failed"));
        assertThat(job.priority()).isEqualTo(7);
        assertThat(job.failures()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "B-4000000000000n",
                "B-4000000000000n001",
                "B-4000000000000n0010udkey",
                "B-4000000000000n-001x",
                "B-4000000000000nbody"
            })
    void a_flow_that_does_not_add_up_is_not_guessed(String record) {
        assertThat(StoredJob.isKnown(bytes(record))).isFalse();
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

    @Test
    void notes_are_read_from_between_constraints_and_body() {
        StoredJob job =
                StoredJob.parse(bytes("C-7000100000000f0012udkey gblue 000000000700000005notesbodyfailed00000006"));

        assertThat(job.notes().number()).isEqualTo(7);
        assertThat(job.notes().bytes()).isEqualTo(bytes("notes"));
        assertThat(job.body()).isEqualTo(bytes("body"));
        assertThat(job.failure()).isEqualTo(bytes("failed"));
        assertThat(job.constraints().group()).isEqualTo("blue");
        assertThat(StoredJob.parse(bytes("C-4000000000000n0000000000000100000000body"))
                        .hasConstraints())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C-4000000000000n",
                "C-4000000000000n0000",
                "C-4000000000000n00000000000001000000",
                "C-4000000000000n0000000000000100000009notes",
                "C-4000000000000n000000000x000100000001body"
            })
    void notes_that_are_not_whole_are_refused(String record) {
        assertThatThrownBy(() -> StoredJob.parse(bytes(record))).isInstanceOf(IllegalArgumentException.class);
    }
}
