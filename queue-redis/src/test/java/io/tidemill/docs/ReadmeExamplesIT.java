package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Runs the programs of README.md, whose text {@link DocumentsTest} compares. */
class ReadmeExamplesIT {

    @Test
    void the_first_job_runs_in_memory() throws Exception {
        assertThat(printed(() -> {
                    io.tidemill.docs.memory.FirstJob.main(new String[0]);
                    return null;
                }))
                .isEqualTo("Hello, Ada");
    }

    @Test
    void the_first_job_runs_on_redis() throws Exception {
        assertThat(printed(() -> {
                    FirstJob.main(new String[0]);
                    return null;
                }))
                .isEqualTo("Hello, Ada");
    }

    /** Lines that are not blank, without the imports: what there is to read and to write. */
    @Test
    void the_first_job_has_twelve_lines() throws Exception {
        assertThat(text("first-job").lines().filter(line -> !line.isBlank() && !line.startsWith("import ")))
                .hasSize(12);
    }

    @Test
    void redis_takes_one_line_more() throws Exception {
        List<String> more = text("first-job-on-redis")
                .lines()
                .filter(line -> line.startsWith("import io.tidemill.redis.") || line.contains(".broker("))
                .toList();
        String withoutThem = text("first-job-on-redis")
                .lines()
                .filter(line -> !more.contains(line))
                .collect(Collectors.joining());

        assertThat(more).hasSize(2); // the line and its import
        assertThat(withoutThem.replaceAll("\\s", ""))
                .isEqualTo(text("first-job").replaceAll("\\s", ""));
    }

    private static String text(String region) throws Exception {
        return Snippets.regions().get(region).text();
    }

    private static String printed(Callable<Void> program) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            program.call();
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8).strip();
    }
}
