package io.tidemill.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Names of loggers stay the same when classes get other names, and users find them. */
class LogNamesTest {

    private static final Pattern ELSEWHERE = Pattern.compile("getLogger\\((?!LogNames\\.)");

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static boolean isNamedElsewhere(String source) {
        return ELSEWHERE.matcher(source).find();
    }

    @Test
    void every_logger_has_a_stable_name() throws IOException {
        assertThat(isNamedElsewhere("LoggerFactory.getLogger(Planted.class)")).isTrue();

        List<Path> wrong = new ArrayList<>();
        List<Path> right = new ArrayList<>();
        for (Path source : sources()) {
            String text = Files.readString(source);
            if (isNamedElsewhere(text)) {
                wrong.add(source);
            } else if (text.contains("getLogger(")) {
                right.add(source);
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(right).hasSizeGreaterThan(10);
    }

    @Test
    void the_operations_guide_lists_every_name() throws Exception {
        String guide = Files.readString(Path.of("../docs/operations.md"));
        for (Field field : LogNames.class.getFields()) {
            assertThat(guide).contains("`" + field.get(null) + "`");
        }
    }
}
