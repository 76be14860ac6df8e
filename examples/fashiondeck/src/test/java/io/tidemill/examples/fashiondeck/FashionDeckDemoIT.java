package io.tidemill.examples.fashiondeck;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.examples.common.Checks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The whole demo, on servers of its own. */
class FashionDeckDemoIT {

    @Test
    void everythingIsAsItShouldBe() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Checks checks = FashionDeckDemo.run(Map.of(), new PrintStream(bytes, true, StandardCharsets.UTF_8));

        String printed = bytes.toString(StandardCharsets.UTF_8);
        assertThat(checks.failures()).isEmpty();
        assertThat(checks.count()).isGreaterThan(600);
        assertThat(printed.stripTrailing()).endsWith("all " + checks.count() + " checks passed");
        assertThat(printed)
                .containsPattern("compute_embeddings +290 +1 +288 +1\n")
                .containsPattern("embedding-computation +0 +0 +288 +1\n")
                .containsPattern(
                        "retrying +attempt 1: IOException: asos answered 503 down for maintenance, again in \\d+ ms")
                .contains("BrokenLogException: line 9 of fashiondeck:queries:2025-06-01 cannot be read");
    }
}
