package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that docs/differences.md names are there. */
class DifferencesTest {

    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of(
            "queue-core",
            "queue-test",
            "queue-conformance",
            "queue-redis",
            "queue-scheduler",
            "queue-metrics",
            "tests/contracts",
            "tests/integration");
    private static final Pattern CITED = Pattern.compile("`(\\w+)(?:\\.(\\w+))?#(\\w+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (?!\\w+'s users)(\\S.*?) \\| (.*) \\|$");

    @Test
    void every_test_that_is_named_exists() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/differences.md"));
        Map<String, String> sources = sources();

        assertThat(missing(document, sources)).isEmpty();
        assertThat(CITED.matcher(document).results()).hasSizeGreaterThan(250);
    }

    @Test
    void every_case_names_a_test_or_says_what_is_done_instead() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/differences.md"));

        assertThat(ROW.matcher(document).results().map(row -> row.group(2)))
                .hasSizeGreaterThan(140)
                .allSatisfy(answer -> assertThat(
                                CITED.matcher(answer).find() || answer.length() > "Not offered.".length() * 3)
                        .as(answer)
                        .isTrue());
    }

    @Test
    void a_test_that_is_not_there_is_found() {
        Map<String, String> sources = Map.of(
                "OneTest",
                "class OneTest {\n"
                        + "    @Test\n"
                        + "    void here() {}\n\n"
                        + "    void helper() {}\n\n"
                        + "    @Nested\n"
                        + "    class Inner {\n"
                        + "        @ParameterizedTest\n"
                        + "        void within(int x) {}\n"
                        + "    }\n\n"
                        + "    @Nested\n"
                        + "    class Other {\n"
                        + "        @Test\n"
                        + "        void elsewhere() {}\n"
                        + "    }\n"
                        + "}");

        assertThat(missing("`OneTest#here` `OneTest.Inner#within` `OneTest.Other#elsewhere`", sources))
                .isEmpty();
        assertThat(missing(
                        "`TwoTest#here` `OneTest#gone` `OneTest#helper` `OneTest#within` `OneTest.Inner#elsewhere`"
                                + " `OneTest.None#here`",
                        sources))
                .containsExactly(
                        "TwoTest#here",
                        "OneTest#gone",
                        "OneTest#helper",
                        "OneTest#within",
                        "OneTest.Inner#elsewhere",
                        "OneTest.None#here");
    }

    private static List<String> missing(String document, Map<String, String> sources) {
        List<String> missing = new ArrayList<>();
        for (Matcher cited = CITED.matcher(document); cited.find(); ) {
            String scope = scope(sources.getOrDefault(cited.group(1), ""), cited.group(2));
            Pattern method = Pattern.compile(
                    "@(?:Test|ParameterizedTest)\\b(?:(?!\\bvoid\\b)[\\s\\S])*\\bvoid " + cited.group(3) + "\\(");
            if (!method.matcher(scope).find()) {
                String nested = cited.group(2) == null ? "" : "." + cited.group(2);
                missing.add(cited.group(1) + nested + "#" + cited.group(3));
            }
        }
        return missing;
    }

    /**
     * What of a source belongs to the class itself, or to one nested in it: such a one goes on until the next begins.
     */
    private static String scope(String source, String nested) {
        String[] parts = source.split("@Nested\\s+(?:public )?class ", -1);
        if (nested == null) {
            return parts[0];
        }
        for (int i = 1; i < parts.length; i++) {
            if (parts[i].startsWith(nested + " ")) {
                return parts[i];
            }
        }
        return "";
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".java")).toList()) {
                    sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return sources;
    }
}
