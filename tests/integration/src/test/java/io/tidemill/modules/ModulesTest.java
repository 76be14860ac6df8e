package io.tidemill.modules;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.TaskQueue;
import io.tidemill.redis.RedisBroker;
import io.tidemill.schedule.Scheduler;
import io.tidemill.test.FakeClock;
import io.tidemill.test.redis.RedisServer;
import io.tidemill.workflow.Workflows;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles and runs an application in a process of its own: once with a {@code module-info}, once on the class path.
 * The modules are those of the jars; where there are only folders of classes, their {@code module-info} is compiled
 * here.
 */
class ModulesTest {

    private static final String MAIN = """
        package app;

        import io.tidemill.TaskQueue;
        import io.tidemill.redis.RedisBroker;
        import io.tidemill.redis.RedisOptions;
        import io.tidemill.schedule.Every;
        import io.tidemill.schedule.Scheduler;
        import io.tidemill.schedule.Tick;
        import io.tidemill.task.Task;
        import java.time.Duration;
        import java.util.concurrent.CompletableFuture;
        import java.util.concurrent.TimeUnit;

        public class Main {
            public record Sum(int a, int b, int result) {}

            private static final CompletableFuture<Tick> ticked = new CompletableFuture<>();

            @Task
            public Sum add(int a, int b) {
                return new Sum(a, b, a + b);
            }

            @Task
            @Every("1s")
            public void beat(Tick tick) {
                ticked.complete(tick);
            }

            public static void main(String[] args) throws Exception {
                RedisOptions options = RedisOptions.defaults()
                        .withPrefix("modules" + System.nanoTime())
                        .withConnectTimeout(Duration.ofMinutes(1));
                try (TaskQueue queue = TaskQueue.builder()
                        .broker(RedisBroker.connect(args[0], options))
                        .tasks(new Main())
                        .install(Scheduler.create())
                        .start()) {
                    Sum sum = queue.enqueue(Main::add, 20, 22).await(Duration.ofMinutes(1));
                    System.out.println(Main.class.getModule() + " says " + sum.result());
                    System.out.println("schedule " + ticked.get(1, TimeUnit.MINUTES).schedule() + " has fired");
                }
            }
        }
        """;

    private static final String MODULE = """
        module app {
            requires io.tidemill.core;
            requires io.tidemill.redis;
            requires io.tidemill.schedule;
            opens app to io.tidemill.core, com.fasterxml.jackson.databind;
        }
        """;

    /** Jars that an application brings along by its dependencies. */
    private static final List<String> LIBRARIES = List.of(
            "jackson",
            "slf4j",
            "jspecify",
            "lettuce",
            "netty",
            "reactor",
            "reactive-streams",
            "redis-authx",
            "assertj",
            "byte-buddy",
            "junit-jupiter-api",
            "junit-platform-commons",
            "opentest4j",
            "apiguardian");

    @TempDir
    private static Path folder;

    private static List<Path> ours;
    private static List<Path> libraries;

    @BeforeAll
    static void findModules() throws Exception {
        libraries = Stream.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .map(Path::of)
                .filter(jar -> LIBRARIES.stream()
                        .anyMatch(name -> jar.getFileName().toString().contains(name)))
                .toList();
        ours = new ArrayList<>();
        ours.add(module(TaskQueue.class, "queue-core"));
        ours.add(module(RedisBroker.class, "queue-redis"));
        ours.add(module(Scheduler.class, "queue-scheduler"));
        ours.add(module(FakeClock.class, "queue-test"));
    }

    private static Path module(Class<?> one, String name) throws Exception {
        Path home =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!Files.isDirectory(home)) {
            return home;
        }
        Path copy = folder.resolve(name);
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(home.relativize(file).toString()));
            }
        }
        Path info = Path.of("..", "..", name, "src", "main", "module", "module-info.java");
        String problems = compile(copy, List.of("-p", path(all(List.of()))), info);
        assertThat(problems).as("problems of %s", info).doesNotContain("error:");
        return copy;
    }

    private static List<Path> all(List<Path> more) {
        return Stream.of(ours, libraries, more).flatMap(List::stream).toList();
    }

    private static String path(List<Path> parts) {
        return parts.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    /** What the compiler says. It sees what the options name and nothing of the tests' class path. */
    private static String compile(Path into, List<String> options, Path... sources) throws IOException {
        Files.createDirectories(into);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> all = new ArrayList<>(List.of("-d", into.toString(), "-proc:none", "-cp", into.toString()));
        all.addAll(options);
        StringWriter said = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            compiler.getTask(said, files, null, all, null, files.getJavaFileObjects(sources))
                    .call();
        }
        return said.toString();
    }

    private static Path source(String app, String name, String text) {
        try {
            Path file = folder.resolve(app + "-src").resolve(name);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m"));
        command.addAll(Arrays.asList(arguments));
        command.add(RedisServer.shared().uri());
        Path out = Files.createTempFile(folder, "run", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            assertThat(process.waitFor(100, TimeUnit.SECONDS)).as("it ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(out);
    }

    @Test
    void a_modular_application_compiles_and_runs() throws Exception {
        Path classes = folder.resolve("modular");

        String said = compile(
                classes,
                List.of("-p", path(all(List.of()))),
                source("modular", "module-info.java", MODULE),
                source("modular", "Main.java", MAIN));

        assertThat(said).doesNotContain("error:");
        assertThat(run("-p", path(all(List.of(classes))), "-m", "app/app.Main"))
                .contains("module app says 42")
                .contains("schedule beat has fired");
    }

    @Test
    void an_application_on_the_class_path_compiles_and_runs() throws Exception {
        Path classes = folder.resolve("plain");

        String said = compile(classes, List.of("-cp", path(all(List.of()))), source("plain", "Main.java", MAIN));

        assertThat(said).doesNotContain("error:");
        assertThat(run("-cp", path(all(List.of(classes))), "app.Main"))
                .contains("unnamed module")
                .contains("says 42")
                .contains("schedule beat has fired");
    }

    @Test
    void a_modular_application_does_not_see_what_is_internal() throws Exception {
        for (String internal : List.of("io.tidemill.worker.Worker", "io.tidemill.text.Names")) {
            String said = compile(
                    folder.resolve("curious"),
                    List.of("-p", path(all(List.of()))),
                    source("curious", "module-info.java", MODULE),
                    source("curious", "Curious.java", "package app; class Curious { " + internal + " it; }"));

            assertThat(said).contains("which does not export it");
        }
    }

    @Test
    void each_published_module_has_a_descriptor_of_its_own() {
        ModuleFinder finder = ModuleFinder.of(ours.toArray(Path[]::new));

        for (String name :
                Set.of("io.tidemill.core", "io.tidemill.redis", "io.tidemill.schedule", "io.tidemill.test")) {
            ModuleDescriptor descriptor = finder.find(name).orElseThrow().descriptor();
            assertThat(descriptor.isAutomatic()).as("%s is automatic", name).isFalse();
            assertThat(descriptor.exports()).as("exports of %s", name).isNotEmpty();
        }
    }

    /** Descriptors are compiled when the classes are: no compiler has compared the two. */
    @Test
    void schedules_on_redis_used_a_package_that_was_not_exported_to_it() throws Exception {
        Set<ModuleReference> modules =
                ModuleFinder.of(ours.toArray(Path[]::new)).findAll();
        Set<String> hidden = new TreeSet<>();
        int uses = 0;
        for (ModuleReference module : modules) {
            for (String used : usedPackages(module)) {
                for (ModuleReference home : modules) {
                    if (home != module && home.descriptor().packages().contains(used)) {
                        uses++;
                        if (!isExported(home.descriptor(), used, module.descriptor())) {
                            hidden.add(module.descriptor().name() + " uses " + used);
                        }
                    }
                }
            }
        }

        assertThat(uses).isGreaterThan(20);
        assertThat(hidden).isEmpty();
    }

    private static boolean isExported(ModuleDescriptor home, String used, ModuleDescriptor user) {
        return home.exports().stream()
                .anyMatch(export -> export.source().equals(used)
                        && (!export.isQualified() || export.targets().contains(user.name())));
    }

    /** The packages of all types that its classes name. */
    private static Set<String> usedPackages(ModuleReference module) throws IOException {
        Set<String> packages = new TreeSet<>();
        try (ModuleReader reader = module.open();
                Stream<String> files = reader.list()) {
            for (String file : files.filter(it -> it.endsWith(".class")).toList()) {
                try (DataInputStream in = new DataInputStream(reader.open(file).orElseThrow())) {
                    namedTypes(in).stream()
                            .filter(type -> type.contains("/"))
                            .forEach(type -> packages.add(
                                    type.substring(0, type.lastIndexOf('/')).replace('/', '.')));
                }
            }
        }
        return packages;
    }

    /** What the constants of a class file name: see chapter 4.4 of the specification of the JVM. */
    private static List<String> namedTypes(DataInputStream in) throws IOException {
        in.skipNBytes(8);
        int count = in.readUnsignedShort();
        String[] texts = new String[count];
        List<Integer> types = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case 1 -> texts[i] = in.readUTF();
                case 7 -> types.add(in.readUnsignedShort());
                case 5, 6 -> {
                    in.skipNBytes(8);
                    // A long takes up two places.
                    i++;
                }
                case 8, 16, 19, 20 -> in.skipNBytes(2);
                case 15 -> in.skipNBytes(3);
                default -> in.skipNBytes(4);
            }
        }
        return types.stream().map(type -> texts[type]).toList();
    }

    @Test
    void what_is_exported_names_only_types_that_are_exported() throws Exception {
        List<String> hidden = new ArrayList<>();
        Set<String> exported = new HashSet<>();
        List<Class<?>> types = new ArrayList<>();
        for (ModuleReference module : ModuleFinder.of(ours.toArray(Path[]::new)).findAll()) {
            Set<String> open = module.descriptor().exports().stream()
                    .filter(export -> !export.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
            exported.addAll(open);
            try (ModuleReader reader = module.open();
                    Stream<String> files = reader.list()) {
                for (String file : files.filter(it -> it.endsWith(".class")).toList()) {
                    String name = file.substring(0, file.length() - 6).replace('/', '.');
                    if (open.contains(name.substring(0, Math.max(0, name.lastIndexOf('.'))))) {
                        types.add(Class.forName(name, false, getClass().getClassLoader()));
                    }
                }
            }
        }

        for (Class<?> type : types) {
            if (isPublic(type)) {
                Stream.concat(Arrays.stream(type.getMethods()), constructorsForUsers(type))
                        .flatMap(it -> Stream.concat(
                                Arrays.stream(it.getParameterTypes()),
                                it instanceof Method method ? Stream.of(method.getReturnType()) : Stream.empty()))
                        .map(it -> it.isArray() ? it.getComponentType() : it)
                        .filter(it ->
                                it.getName().startsWith("io.tidemill.") && !exported.contains(it.getPackageName()))
                        .forEach(it -> hidden.add(type.getName() + " names " + it.getName()));
            }
        }

        assertThat(types).hasSizeGreaterThan(100);
        assertThat(Set.copyOf(hidden)).isEmpty();
    }

    /** Whether others can name it: what is nested in a type that is not public cannot be named. */
    private static boolean isPublic(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return Modifier.isPublic(type.getModifiers()) && (outer == null || isPublic(outer));
    }

    /** A class that only {@link TaskQueue} makes, from parts that nobody else can name, has none. */
    private static Stream<Constructor<?>> constructorsForUsers(Class<?> type) {
        return type == Workflows.class ? Stream.empty() : Arrays.stream(type.getConstructors());
    }
}
