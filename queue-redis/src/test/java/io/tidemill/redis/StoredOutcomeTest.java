package io.tidemill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.JobOutcome;
import io.tidemill.task.BrokerException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredOutcomeTest {

    @ParameterizedTest
    @ValueSource(strings = {"D", "D3", "D:", "D12345678901:x", "D-1:x", "Dx:y", "D 3:x"})
    void an_outcome_that_is_cut_off_or_is_none_of_ours_is_an_error_that_says_so(String kept) {
        assertThatThrownBy(() -> StoredOutcome.decode("7", kept.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("the outcome of job 7 cannot be read");
    }

    @Test
    void every_beginning_of_an_outcome_is_read_or_refused_and_breaks_nothing() {
        byte[] whole = StoredOutcome.encode(JobOutcome.dead("7", 12, new byte[] {1, 2, 3}, 0));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            try {
                StoredOutcome.decode("7", cut)
                        .ifPresent(outcome -> assertThat(outcome.attempt()).isEqualTo(12));
            } catch (BrokerException e) {
                assertThat(e).hasMessageContaining("cannot be read");
            }
        }
        assertThat(StoredOutcome.decode("7", whole).orElseThrow().failure()).containsExactly(1, 2, 3);
    }
}
