package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.schedule.Scheduler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What this module offers is what its dump says. */
class SchedulerApiTest {

    @Test
    void what_the_module_offers_is_what_its_dump_says() throws Exception {
        Path classes = Path.of(Scheduler.class
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

        assertThat(types).contains(Scheduler.class);
        Approval.check(Path.of("..", "api", "queue-scheduler.txt"), ApiDump.of(types));
    }
}
