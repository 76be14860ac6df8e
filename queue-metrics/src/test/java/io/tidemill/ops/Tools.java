package io.tidemill.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Programs of the Debian package {@code prometheus}, where they are installed. */
final class Tools {

    private Tools() {}

    /** The program; skips the test if it is not on the PATH. */
    static String need(String name) {
        Optional<String> found = Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
        Assumptions.assumeTrue(
                found.isPresent(), name + " is not installed: install the package prometheus to run this test");
        return found.orElseThrow();
    }

    /** Runs a program in the folder {@code ops} to its end, and expects that it is content. Returns what it says. */
    static String run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("tidemill-ops", ".txt");
        try {
            Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                    .directory(OpsFiles.FOLDER.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
            } finally {
                process.destroyForcibly();
            }
            String text = Files.readString(output);
            assertThat(process.exitValue()).as(text).isZero();
            return text;
        } finally {
            Files.delete(output);
        }
    }
}
