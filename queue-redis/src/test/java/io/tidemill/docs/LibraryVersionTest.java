package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.text.LibraryVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LibraryVersionTest {

    @Test
    void workers_say_the_version_that_is_built() throws IOException {
        String pom = Files.readString(Path.of("..", "pom.xml"));
        int from = pom.indexOf("<version>") + "<version>".length();

        assertThat(pom.substring(from, pom.indexOf("</version>", from))).isEqualTo(LibraryVersion.TEXT);
    }
}
