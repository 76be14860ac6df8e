package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.conformance.BrokerContract;
import io.tidemill.redis.RedisBroker;
import io.tidemill.test.FakeClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Keeps the folder {@code api} true: what each module offers, as text, so that a change of it is seen in review. To
 * regenerate: {@code mvn -pl queue-redis -am test -Dtest=ApiDumpTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dtidemill.regenerate=true}.
 */
public class ApiDumpTest {

    /** A class of each module, to find the others by. */
    private static final Map<String, Class<?>> MODULES = Map.of(
            "queue-core", TaskQueue.class,
            "queue-redis", RedisBroker.class,
            "queue-test", FakeClock.class,
            "queue-conformance", BrokerContract.class);

    static List<String> modules() {
        return MODULES.keySet().stream().sorted().toList();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void what_a_module_offers_is_what_its_dump_says(String module) throws Exception {
        Approval.check(Path.of("..", "api", module + ".txt"), ApiDump.of(classes(MODULES.get(module))));
    }

    @Test
    void every_class_of_a_module_is_found() throws Exception {
        assertThat(classes(TaskQueue.class))
                .contains(TaskQueue.class, Class.forName("io.tidemill.worker.QueueConsumer"));
        assertThat(classes(RedisBroker.class)).contains(RedisBroker.class).doesNotContain(TaskQueue.class);
        assertThat(classes(FakeClock.class)).contains(FakeClock.class).doesNotContain(ApiDumpTest.class);
    }

    private static List<Class<?>> classes(Class<?> one) throws Exception {
        Path home =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isDirectory(home)) {
            return classes(home, one.getClassLoader());
        }
        try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + home.toUri()), Map.of())) {
            return classes(jar.getPath("/"), one.getClassLoader());
        }
    }

    private static List<Class<?>> classes(Path home, ClassLoader loader) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            return files.map(file -> home.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'))
                    .<Class<?>>map(name -> load(name, loader))
                    .toList();
        }
    }

    private static Class<?> load(String name, ClassLoader loader) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    // What the dump of a class must and must not hold.

    /** Offers a bit of everything. */
    public abstract static class Sample<T extends Comparable<T>> implements Comparable<Sample<T>> {

        public static final int LIMIT = 7;
        protected T value;
        int internal;
        private int hidden;

        protected Sample(T value) {
            this.value = value;
        }

        Sample() {}

        public abstract List<? extends T> all(T... values) throws IOException;

        protected void forHeirs() {}

        void internal() {}

        private int hidden() {
            return hidden + internal;
        }

        @Override
        public int compareTo(Sample<T> other) {
            return hidden() - other.hidden();
        }

        static class Inner {
            public void unreachable() {}
        }
    }

    @Test
    void a_dump_holds_what_others_can_see_and_nothing_else() {
        String name = Sample.class.getName();
        assertThat(ApiDump.of(List.of(Sample.class, Sample.Inner.class, ApiDump.class)))
                .isEqualTo("""
                        public abstract static class %1$s<T extends java.lang.Comparable<T>>
                            implements java.lang.Comparable<%1$s<T>>
                          protected T value
                          protected %1$s(T)
                          protected void forHeirs()
                          public abstract java.util.List<? extends T> all(T...) throws java.io.IOException
                          public int compareTo(%1$s<T>)
                          public static final int LIMIT

                        """.formatted(name));
    }

    @Test
    void a_change_is_seen() throws Exception {
        String core = ApiDump.of(classes(TaskQueue.class));
        assertThat(core)
                .contains("public final class io.tidemill.TaskQueue\n")
                .contains("  public void close()\n")
                .contains("  public static final io.tidemill.task.JobState DEAD\n")
                .contains("  public abstract java.lang.String queue() default \"default\"\n")
                .contains("permits")
                .doesNotContain("io.tidemill.worker.QueueConsumer");
    }
}
