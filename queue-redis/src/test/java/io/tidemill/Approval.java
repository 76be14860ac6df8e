package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that are kept beside the code and compared with it: {@code -Dtidemill.regenerate=true} writes them anew. */
public final class Approval {

    private Approval() {}

    /** Fails if the file does not hold this text. */
    public static void check(Path file, String text) throws IOException {
        if (Boolean.getBoolean("tidemill.regenerate")) {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        }
        assertThat(file)
                .as("if the change is meant, run the test again with -Dtidemill.regenerate=true and commit %s", file)
                .exists()
                .content()
                .isEqualTo(text);
    }
}
