package io.tidemill.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.client.ClientOptions;
import io.tidemill.docs.Snippets.Region;
import io.tidemill.redis.RedisOptions;
import io.tidemill.task.BatchOptions;
import io.tidemill.task.BatchSize;
import io.tidemill.task.Retry;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.Task;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.Texts;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The documents say what the code does: their Java is compiled and run elsewhere in this package, their defaults are
 * real.
 */
class DocumentsTest {

    private static final Path ROOT = Path.of("..");
    private static final String README = read("README.md");
    private static final String GUIDE = read("docs/guide.md");
    private static final String GROUPS = read("docs/guide-groups.md");
    private static final String STEPS = read("docs/guide-steps.md");
    private static final String RECIPES = read("docs/recipes.md");
    private static final String FLOW = read("docs/guide-flow.md");
    private static final String SECURITY = read("docs/guide-security.md");
    private static final String TESTING = read("docs/guide-testing.md");
    private static final String WORKFLOWS = read("docs/guide-workflows.md");
    private static final String CONTROL = read("docs/guide-control.md");
    private static final String COMING_FROM = read("docs/coming-from.md");

    @Test
    void the_java_in_the_readme_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("README.md", README, Snippets.regions())).isEmpty();
        assertThat(Snippets.blocks(README)).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void the_java_in_the_guide_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide.md", GUIDE, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(GUIDE)).hasSizeGreaterThanOrEqualTo(15);
    }

    @Test
    void the_java_in_the_guide_to_groups_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide-groups.md", GROUPS, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(GROUPS)).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void the_java_in_the_guide_to_steps_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide-steps.md", STEPS, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(STEPS)).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void the_java_in_the_guide_to_flow_control_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide-flow.md", FLOW, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(FLOW)).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void the_java_in_the_guide_to_testing_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide-testing.md", TESTING, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(TESTING)).hasSize(6);
    }

    @Test
    void the_java_in_the_guide_to_workflows_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide-workflows.md", WORKFLOWS, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(WORKFLOWS)).hasSize(15);
    }

    @Test
    void the_java_in_the_guide_to_security_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide-security.md", SECURITY, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(SECURITY)).hasSize(4);
    }

    @Test
    void the_java_in_the_guide_to_control_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/guide-control.md", CONTROL, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(CONTROL)).hasSize(3);
    }

    @Test
    void the_java_in_the_recipes_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/recipes.md", RECIPES, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(RECIPES)).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void the_java_for_those_who_come_from_elsewhere_is_code_that_runs() throws Exception {
        assertThat(Snippets.problems("docs/coming-from.md", COMING_FROM, Snippets.regions()))
                .isEmpty();
        assertThat(Snippets.blocks(COMING_FROM)).hasSize(2);
    }

    @Test
    void no_region_is_left_over() throws Exception {
        assertThat(Snippets.unused(
                        Snippets.regions(),
                        List.of(
                                README,
                                GUIDE,
                                GROUPS,
                                STEPS,
                                FLOW,
                                RECIPES,
                                TESTING,
                                SECURITY,
                                WORKFLOWS,
                                CONTROL,
                                COMING_FROM)))
                .isEmpty();
    }

    @Test
    void the_readme_lists_every_setting_with_its_default() throws Exception {
        List<String> rows = new ArrayList<>();
        addRows(rows, WorkerOptions.defaults());
        addRows(rows, ClientOptions.defaults());
        addRows(rows, RedisOptions.defaults());
        addRows(rows, Task.class);
        addRows(rows, BatchOptions.defaults());
        for (Method each : Retry.class.getDeclaredMethods()) {
            Object value = RetryPolicy.class.getMethod(each.getName()).invoke(RetryPolicy.defaults());
            rows.add(row(each.getName(), value instanceof Duration duration ? Texts.duration(duration) : value));
        }

        assertThat(rows).hasSizeGreaterThan(25);
        assertThat(rows.stream().filter(row -> !README.contains(row)))
                .as("rows that the settings in README.md should have")
                .isEmpty();
    }

    @Test
    void the_guide_says_how_long_it_takes_until_a_job_is_dead() {
        RetryPolicy defaults = RetryPolicy.defaults();
        String table = String.join(
                "\n",
                "| `@Retry(...)` | runs | dead after at least | at most |",
                "|---|---|---|---|",
                untilDead("maxAttempts = 5", defaults.withMaxAttempts(5)),
                untilDead("maxAttempts = 10", defaults.withMaxAttempts(10)),
                untilDead("the defaults", defaults),
                untilDead("maxAttempts = 35", defaults.withMaxAttempts(35)),
                untilDead("maxAttempts = 180", defaults.withMaxAttempts(180)),
                untilDead(
                        "maxAttempts = 8, delay = \"5s\"",
                        defaults.withMaxAttempts(8).withDelay(Duration.ofSeconds(5))),
                untilDead(
                        "maxAttempts = 5, delay = \"1m\", multiplier = 1, jitter = false",
                        defaults.withMaxAttempts(5)
                                .withDelay(Duration.ofMinutes(1))
                                .withMultiplier(1)
                                .withJitter(false)));

        assertThat(GUIDE).contains(table);
    }

    private static String untilDead(String settings, RetryPolicy policy) {
        Duration most = Duration.ZERO;
        for (int failures = 1; failures < policy.maxAttempts(); failures++) {
            most = most.plus(policy.withJitter(false).waitAfter(failures, new Random(1)));
        }
        Duration least = policy.jitter() ? most.dividedBy(2) : most;
        return "| " + (policy.equals(RetryPolicy.defaults()) ? settings : "`" + settings + "`") + " | "
                + policy.maxAttempts() + " | " + rounded(least) + " | " + rounded(most) + " |";
    }

    private static String rounded(Duration duration) {
        boolean isLong = duration.compareTo(Duration.ofHours(1)) > 0;
        return Texts.duration(duration.truncatedTo(isLong ? ChronoUnit.MINUTES : ChronoUnit.SECONDS));
    }

    private static void addRows(List<String> rows, Object options) throws ReflectiveOperationException {
        for (Method wither : options.getClass().getMethods()) {
            if (wither.getName().matches("with[A-Z].*")) {
                String name = wither.getName().substring(4, 5).toLowerCase(Locale.ROOT)
                        + wither.getName().substring(5);
                rows.add(row(name, options.getClass().getMethod(name).invoke(options)));
            }
        }
    }

    private static void addRows(List<String> rows, Class<?> annotation) {
        for (Method each : annotation.getDeclaredMethods()) {
            rows.add(row(each.getName(), each.getDefaultValue()));
        }
    }

    private static String row(String name, Object value) {
        return "| `" + name + "` | " + people(value) + " | ";
    }

    /** A value as the tables print it. */
    private static String people(Object value) {
        if (value instanceof Duration duration) {
            return duration.toSeconds() + " s";
        }
        if (value instanceof Retry || value instanceof BatchSize) {
            return "see below";
        }
        boolean isEmpty = value == null
                || "".equals(value)
                || (value instanceof Collection<?> all && all.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty())
                || (value instanceof Object[] array && array.length == 0);
        if (isEmpty) {
            return "none";
        }
        return value instanceof Number number ? String.format(Locale.ROOT, "%,.0f", number.doubleValue()) : "" + value;
    }

    @Nested
    class The_check_itself {

        private final Map<String, Region> regions = new TreeMap<>();

        The_check_itself() {
            Snippets.addRegions(
                    "Sample.java",
                    List.of(
                            "class X {",
                            "    // region: sum",
                            "    int a = 1;",
                            "",
                            "      int b = 2;",
                            "    // endregion",
                            "}"),
                    regions);
        }

        @Test
        void accepts_the_region_without_its_indentation() {
            assertThat(problems("<!-- region: sum -->\n```java\nint a = 1;\n\n  int b = 2;\n```\n"))
                    .isEmpty();
        }

        @Test
        void reports_a_difference_with_both_lines() {
            assertThat(problems("Text.\n\n<!-- region: sum -->\n```java\nint a = 1;\n\n  int b = 3;\n```\n"))
                    .singleElement()
                    .asString()
                    .contains("README.md:4")
                    .contains("region \"sum\" of Sample.java:2")
                    .contains("line 3 of the block")
                    .contains("document:   int b = 3;")
                    .contains("region:     int b = 2;");
        }

        @Test
        void reports_a_block_that_ends_too_early() {
            assertThat(problems("<!-- region: sum -->\n```java\nint a = 1;\n```\n"))
                    .singleElement()
                    .asString()
                    .contains("document: (ends here)");
        }

        @Test
        void reports_a_block_without_a_region_and_one_with_an_unknown_region() {
            assertThat(problems(
                            "```java\nint a;\n```\nText.\n```java\nint b;\n```\n<!-- region: mul -->\n```java\n```\n"))
                    .satisfiesExactly(
                            first -> assertThat(first).contains("names no region"),
                            second -> assertThat(second).contains("names no region"),
                            third -> assertThat(third).contains("no region \"mul\"; there are [sum]"));
        }

        @Test
        void reports_a_region_that_no_document_prints() {
            assertThat(Snippets.unused(regions, List.of("no code"))).containsExactly("sum");
        }

        @Test
        void refuses_a_region_without_an_end_inside_another_or_with_a_name_that_is_taken() {
            assertThatThrownBy(() -> Snippets.addRegions("A.java", List.of("// region: a"), regions))
                    .hasMessageContaining("A.java: region a has no end");
            assertThatThrownBy(() -> Snippets.addRegions("A.java", List.of("// region: a", "// region: b"), regions))
                    .hasMessageContaining("A.java:2 begins a region inside region a");
            assertThatThrownBy(() -> Snippets.addRegions("A.java", List.of("// region: sum", "// endregion"), regions))
                    .hasMessageContaining("two regions named sum");
        }

        private List<String> problems(String markdown) {
            return Snippets.problems("README.md", markdown, regions);
        }
    }

    private static String read(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
