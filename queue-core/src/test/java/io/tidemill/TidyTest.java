package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Keeps the sources of all modules tidy. What needs no compiled code to be seen is looked for in the text. Each rule
 * comes with an example that breaks it, and is tried on that first.
 */
class TidyTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** A file by its path from the root, with slashes. */
    private record Source(String path, String text) {

        boolean isMain() {
            return path.startsWith("queue-") && path.contains("/src/main/java/") && path.endsWith(".java");
        }

        boolean isPackageInfo() {
            return path.endsWith("/package-info.java");
        }

        String folder() {
            return path.substring(0, path.lastIndexOf('/'));
        }
    }

    private enum Rule {
        NOTHING_IS_PRINTED(new Source(
                "queue-x/src/main/java/A.java", "class A { void a(Exception e) { e.printStackTrace(); } }")) {
            @Override
            boolean isBrokenBy(Source source) {
                // A command prints; this is the only one.
                return source.isMain()
                        && !source.path().endsWith("/QueueDoctor.java")
                        && finds("System\\.(out|err)\\b|\\.printStackTrace\\(\\s*\\)", source.text());
            }
        },
        NOBODY_SLEEPS(new Source("queue-x/src/main/java/A.java", "Thread.sleep(1);")) {
            @Override
            boolean isBrokenBy(Source source) {
                return source.isMain()
                        && finds("Thread\\s*\\.\\s*sleep\\(|(SECONDS|MILLISECONDS)\\.sleep\\(", source.text());
            }
        },
        NO_TEST_SLEEPS(new Source("queue-x/src/test/java/A.java", "Thread.sle" + "ep(1);")) {
            @Override
            boolean isBrokenBy(Source source) {
                // The planted sleepers are there to be found by ArchitectureTest.
                return source.path().contains("/src/test/java/")
                        && !source.path().contains("/planted/")
                        && !source.path().endsWith("/TidyTest.java")
                        && finds("Thread\\s*\\.\\s*sleep\\(", source.text());
            }
        },
        ONLY_TIME_TELLS_THE_TIME(new Source("queue-x/src/main/java/A.java", "long t = Instant.now().toEpochMilli();")) {
            @Override
            boolean isBrokenBy(Source source) {
                // Test support waits in real time for real servers.
                return source.isMain()
                        && !source.path().startsWith("queue-test/")
                        && !source.path().startsWith("queue-conformance/")
                        && !source.path().contains("/io/tidemill/time/")
                        && finds(
                                "System\\.(currentTimeMillis|nanoTime)\\(|\\b(Instant|\\w*Date\\w*|\\w*Time)\\.now\\(|new"
                                        + " Date\\(\\)",
                                source.text());
            }
        },
        NOTHING_IS_LEFT_TO_DO(new Source("queue-x/src/main/java/A.java", "// TO" + "DO: later")) {
            @Override
            boolean isBrokenBy(Source source) {
                return source.path().endsWith(".java")
                        && !source.path().endsWith("/TidyTest.java")
                        && finds("\\b(TODO|FIXME|XXX|HACK)\\b", source.text());
            }
        },
        EVERY_PUBLIC_TYPE_SAYS_WHAT_IT_IS(new Source("queue-x/src/main/java/A.java", "public interface A {}")) {
            @Override
            boolean isBrokenBy(Source source) {
                return source.isMain()
                        && !source.isPackageInfo()
                        && typeOf(source).isUnsaid();
            }
        },
        EVERY_PUBLIC_CLASS_SAYS_WHO_MAY_USE_IT(
                new Source("queue-x/src/main/java/A.java", "/** Does it. */\npublic final class A {\n    A() {}\n}")) {
            @Override
            boolean isBrokenBy(Source source) {
                return source.isMain()
                        && !source.isPackageInfo()
                        && typeOf(source).isUndecided();
            }
        },
        A_LONG_CLASS_SAYS_WHY(new Source("queue-x/src/test/java/A.java", "class A {}" + "\n".repeat(401))) {
            @Override
            boolean isBrokenBy(Source source) {
                return source.path().endsWith(".java")
                        && source.text().lines().count() > 400
                        && !finds("Long,\\s+(\\*\\s+)?because", source.text());
            }
        },
        NO_MACHINE_OF_OURS_IS_NAMED(new Source("README.md", "see /ho" + "me/ada/notes.md")) {
            @Override
            boolean isBrokenBy(Source source) {
                return !source.path().endsWith("/TidyTest.java")
                        && finds("(?<![\\w.])/(root|home|Users)/", source.text());
            }
        };

        private final Source example;

        Rule(Source example) {
            this.example = example;
        }

        abstract boolean isBrokenBy(Source source);
    }

    /** The public type of a file, as far as the rules go. */
    private record TypeText(String comment, String kind, String name, String rest) {

        private static final Pattern SAYS =
                Pattern.compile("(?i)thread-safe|immutable|called (on|from)|own thread|one thread");

        boolean isUnsaid() {
            return !kind.isEmpty() && comment.isBlank();
        }

        /**
         * Records are immutable, exceptions and annotations are used by one thread, interfaces have their own words.
         */
        boolean isUndecided() {
            boolean holdsState = kind.equals("class") && !isException() && !isStatic() && !isTest();
            return holdsState && !SAYS.matcher(comment).find();
        }

        private boolean isException() {
            return Pattern.compile("class " + name + " extends \\w*(Exception|Error)\\b")
                    .matcher(rest)
                    .find();
        }

        private boolean isStatic() {
            return Pattern.compile("private " + name + "\\(\\) \\{}")
                    .matcher(rest)
                    .find();
        }

        /** JUnit makes a new object for each test. */
        private boolean isTest() {
            return rest.contains("import org.junit.jupiter.api.");
        }
    }

    private static TypeText typeOf(Source source) {
        Matcher type = Pattern.compile("(?s)(?:/\\*\\*((?:(?!\\*/).)*)\\*/\\s*)?(?:@\\w+(?:\\([^)]*\\))?\\s*(?://[^\\n"
                        + "]*\\s*)?)*(?m:^)public (?:abstract |final |sealed |static |non-sealed"
                        + " )*(@?interface|class|record|enum) (\\w+)")
                .matcher(source.text());
        if (!type.find()) {
            return new TypeText("", "", "", "");
        }
        String comment = type.group(1) == null ? "" : type.group(1);
        return new TypeText(comment, type.group(2), type.group(3), source.text());
    }

    private static boolean finds(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).find();
    }

    private static List<Source> sources() throws IOException {
        List<Source> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(TidyTest::isOurs).sorted().toList()) {
                String path = ROOT.relativize(file).toString().replace('\\', '/');
                sources.add(new Source(path, Files.readString(file)));
            }
        }
        return sources;
    }

    private static boolean isOurs(Path file) {
        String path = "/" + ROOT.relativize(file).toString().replace('\\', '/');
        return Files.isRegularFile(file)
                && path.matches(".*\\.(java|md|xml|lua|txt|yml|yaml|properties|config)|.*/\\.ci/run")
                && !path.contains("/target/")
                && !path.contains("/.git/");
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_rule_finds_what_breaks_it(Rule rule) {
        assertThat(rule.isBrokenBy(rule.example)).isTrue();
        assertThat(Stream.of(Rule.values()).filter(other -> other.isBrokenBy(rule.example)))
                .as("and nothing else does")
                .containsExactly(rule);
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_rule_holds(Rule rule) throws IOException {
        assertThat(sources().stream().filter(rule::isBrokenBy).map(Source::path))
                .isEmpty();
    }

    @Test
    void every_package_is_introduced_and_null_marked() throws IOException {
        assertThat(packagesWithoutAWord(sources())).isEmpty();
        assertThat(packagesWithoutAWord(List.of(
                        new Source("queue-x/src/main/java/a/A.java", ""),
                        new Source("queue-x/src/main/java/b/B.java", ""),
                        new Source("queue-x/src/main/java/b/package-info.java", "package b;"),
                        new Source("queue-x/src/main/java/c/C.java", ""),
                        new Source("queue-x/src/main/java/c/package-info.java", "/** C. */ @NullMarked package c;"))))
                .containsExactly("queue-x/src/main/java/a", "queue-x/src/main/java/b");
    }

    private static List<String> packagesWithoutAWord(List<Source> sources) {
        TreeMap<String, Boolean> introduced = new TreeMap<>();
        for (Source source : sources) {
            if (source.isMain()) {
                boolean says = source.isPackageInfo()
                        && source.text().contains("@NullMarked")
                        && source.text().contains("/**");
                introduced.merge(source.folder(), says, Boolean::logicalOr);
            }
        }
        introduced.values().removeIf(says -> says);
        return List.copyOf(introduced.keySet());
    }

    @Test
    void the_sources_were_found() throws IOException {
        List<Source> sources = sources();
        assertThat(sources.stream().filter(Source::isMain)).hasSizeGreaterThan(100);
        assertThat(sources)
                .extracting(Source::path)
                .contains("pom.xml", "queue-redis/src/main/resources/io/tidemill/redis/lua/claim.lua");
    }

    @Test
    void a_type_is_read_with_its_comment() {
        Source source = new Source("queue-x/src/main/java/A.java", """
            package a;

            /** Not this. */
            import b.B;

            /**
             * Does it. Thread-safe.
             */
            @Deprecated
            @SuppressWarnings("overloads") // with a reason
            public abstract sealed class A<T> extends B {
                /** Inner. */
                public static class C {}
            }
            """);
        assertThat(typeOf(source).kind()).isEqualTo("class");
        assertThat(typeOf(source).name()).isEqualTo("A");
        assertThat(typeOf(source).comment()).contains("Does it. Thread-safe.").doesNotContain("Not this");
        assertThat(typeOf(source).isUndecided()).isFalse();
    }
}
