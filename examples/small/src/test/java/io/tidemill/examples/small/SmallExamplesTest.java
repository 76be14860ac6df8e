package io.tidemill.examples.small;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each program prints what its comments say that it prints. */
class SmallExamplesTest {

    private static final Path SOURCES = Path.of("src", "main", "java", "io", "tidemill", "examples", "small");

    private static final Pattern PRINTS = Pattern.compile("// prints: (.*)$", Pattern.MULTILINE);

    static List<String> programs() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .filter(name -> !name.equals("package-info"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void a_program_prints_what_it_says(String name) throws Exception {
        List<String> expected = PRINTS.matcher(Files.readString(SOURCES.resolve(name + ".java")))
                .results()
                .map(found -> found.group(1))
                .toList();

        List<String> printed = run(Class.forName("io.tidemill.examples.small." + name));

        assertThat(expected).isNotEmpty();
        assertThat(printed).isEqualTo(expected);
    }

    @Test
    void the_programs_were_found() throws IOException {
        assertThat(programs()).hasSizeGreaterThanOrEqualTo(12);
    }

    private static List<String> run(Class<?> program) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            program.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(console);
        }
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
