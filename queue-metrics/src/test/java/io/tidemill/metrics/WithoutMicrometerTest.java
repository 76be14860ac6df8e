package io.tidemill.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** The core without Micrometer on the class path. */
class WithoutMicrometerTest {

    private static final String NOT_NEEDED = ".*(micrometer|opentelemetry|queue-metrics.target.classes).*";

    /** Runs a job, and says whether Micrometer can be seen. Loaded by a class loader of its own. */
    public static final class Application implements Callable<String> {

        @Override
        public String call() throws Exception {
            try (TaskQueue queue = TaskQueue.builder()
                    .handle("greet", String.class, String.class, (name, context) -> "Hello " + name)
                    .start()) {
                Object said = queue.enqueue("greet", "Ada").await(Duration.ofSeconds(20));
                return said + ", " + (isThere("io.micrometer.core.instrument.Meter") ? "measured" : "not measured");
            }
        }

        private static boolean isThere(String type) {
            try {
                return Class.forName(type) != null;
            } catch (ClassNotFoundException e) {
                return false;
            }
        }
    }

    @Test
    void a_job_runs() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        URL[] parts = Arrays.stream(classPath.split(File.pathSeparator))
                .filter(part -> !part.replace('\\', '/').matches(NOT_NEEDED))
                .map(WithoutMicrometerTest::url)
                .toArray(URL[]::new);

        try (URLClassLoader loader = new URLClassLoader(parts, ClassLoader.getPlatformClassLoader())) {
            Object application = loader.loadClass(Application.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();

            assertThat(((Callable<?>) application).call()).isEqualTo("Hello Ada, not measured");
        }
    }

    private static URL url(String part) {
        try {
            return Path.of(part).toUri().toURL();
        } catch (java.net.MalformedURLException e) {
            throw new IllegalArgumentException(part, e);
        }
    }
}
