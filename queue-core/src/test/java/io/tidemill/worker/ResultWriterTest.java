package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.broker.JobOutcome;
import io.tidemill.broker.memory.MemoryResultBackend;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ResultWriterTest {

    @Test
    void an_outcome_of_an_id_that_no_job_has_fails_alone() {
        ResultWriter writer = new ResultWriter(new MemoryResultBackend(), Duration.ofSeconds(30));

        CompletableFuture<Boolean> bad = writer.store("mail", JobOutcome.succeeded("a\nb", 1, null, 1000));
        CompletableFuture<Boolean> good = writer.store("mail", JobOutcome.succeeded("a b", 1, null, 1000));

        assertThatThrownBy(bad::join).hasMessageContaining("job id may hold only printable characters");
        assertThat(good.join()).isTrue();
    }
}
