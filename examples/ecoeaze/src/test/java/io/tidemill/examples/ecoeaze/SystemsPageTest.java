package io.tidemill.examples.ecoeaze;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of systems names files, tests and tasks that exist, and the README has every task. */
class SystemsPageTest {

    private static final Path ROOT = Path.of("../..");
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern TICKED = Pattern.compile("`([^`]+)`");
    private static final Pattern SECTION = Pattern.compile("^## .*?(?=^## |\\z)", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern PLACES = Pattern.compile("Files: `(\\S+)`, tests: `(\\S+)`");
    private static final Pattern TASK = Pattern.compile("@Task\\(\\s*name = \"([a-z_]+)\"");

    private final String page = read(ROOT.resolve("docs/systems.md"));

    @Test
    void everyFileAndTestExists() {
        List<String> missing = new ArrayList<>();
        int rows = 0;
        for (String section : sections()) {
            Matcher places = PLACES.matcher(section);
            assertThat(places.find())
                    .as("where the files and tests of a system are")
                    .isTrue();
            Path files = ROOT.resolve(places.group(1));
            Path tests = ROOT.resolve(places.group(2));
            for (List<String> row : rows(section)) {
                rows++;
                for (String file : ticked(row.get(2))) {
                    if (!Files.exists(files.resolve(file + ".java"))) {
                        missing.add(file);
                    }
                }
                for (String test : ticked(row.get(3))) {
                    if (!exists(tests, test)) {
                        missing.add(test);
                    }
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(rows).isGreaterThan(50);
    }

    @Test
    void everyRowHasAFileAndATestOrSaysWhyNot() {
        for (String section : sections()) {
            for (List<String> row : rows(section)) {
                boolean later =
                        row.get(1).contains("**comes with ") || row.get(1).startsWith("no task needs");
                assertThat(ticked(row.get(2)).isEmpty()).as(row.toString()).isEqualTo(later);
                assertThat(ticked(row.get(3)).isEmpty()).as(row.toString()).isEqualTo(later);
            }
        }
    }

    @Test
    void everyTaskHasARowHereAndInTheReadme() throws IOException {
        Set<String> tasks = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                Matcher task = TASK.matcher(read(file));
                while (task.find()) {
                    tasks.add("`" + task.group(1) + "`");
                }
            }
        }

        assertThat(tasks).hasSize(23);
        assertThat(page).contains(tasks);
        assertThat(read(Path.of("README.md"))).contains(tasks);
    }

    private List<String> sections() {
        List<String> sections =
                SECTION.matcher(page).results().map(each -> each.group()).toList();
        assertThat(sections).isNotEmpty();
        return sections;
    }

    /** The cells of every row of every table, without titles. */
    private static List<List<String>> rows(String section) {
        return section.lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| named "))
                .map(line -> Stream.of(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList())
                .peek(row -> assertThat(row).hasSize(4))
                .toList();
    }

    private static List<String> ticked(String cell) {
        return TICKED.matcher(cell).results().map(each -> each.group(1)).toList();
    }

    private static boolean exists(Path tests, String test) {
        String[] parts = test.split("#");
        Path file = tests.resolve(parts[0] + ".java");
        return parts.length == 2 && Files.exists(file) && read(file).contains("void " + parts[1] + "(");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }
}
