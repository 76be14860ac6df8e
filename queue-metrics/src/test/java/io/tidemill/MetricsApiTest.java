package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.metrics.MicrometerMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What this module offers is what its dump says; and only this module knows Micrometer. */
class MetricsApiTest {

    private static final Path ROOT = Path.of("..");

    @Test
    void what_the_module_offers_is_what_its_dump_says() throws Exception {
        Path classes = Path.of(MicrometerMetrics.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Class<?>> types = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".class")).toList()) {
                String name = classes.relativize(file).toString().replaceAll("[/\\\\]", ".");
                if (!name.endsWith("-info.class")) {
                    types.add(Class.forName(name.substring(0, name.length() - ".class".length())));
                }
            }
        }

        assertThat(types).contains(MicrometerMetrics.class);
        Approval.check(ROOT.resolve("api").resolve("queue-metrics.txt"), ApiDump.of(types));
    }

    @Test
    void core_and_redis_do_not_name_micrometer() throws Exception {
        Pattern micrometer = Pattern.compile("micrometer", Pattern.CASE_INSENSITIVE);
        for (String module : List.of("queue-core", "queue-redis")) {
            List<Path> sources = sources(ROOT.resolve(module));

            assertThat(sources).as("sources of %s", module).hasSizeGreaterThan(20);
            for (Path source : sources) {
                assertThat(Files.readString(source)).as(source.toString()).doesNotContainPattern(micrometer);
            }
        }
        assertThat(sources(ROOT.resolve("queue-metrics")).stream().map(MetricsApiTest::text))
                .as("the pattern finds something where there is something")
                .anyMatch(text -> micrometer.matcher(text).find());
    }

    private static List<Path> sources(Path module) throws IOException {
        try (Stream<Path> files = Files.walk(module.resolve("src").resolve("main"))) {
            return Stream.concat(
                            Stream.of(module.resolve("pom.xml")),
                            files.filter(file -> file.toString().endsWith(".java")))
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
