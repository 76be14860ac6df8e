package io.tidemill;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds what the package comments say about who imports whom, and a few things that nobody does. Each rule also runs on
 * {@code io.tidemill.planted}, where somebody breaks it: a rule that finds nothing there finds nothing anywhere.
 */
class ArchitectureTest {

    /** Fewer than there are, and enough to show that the classes were found. */
    private static final int FEWEST_CLASSES = 60;

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.tidemill");

    private static final JavaClasses PLANTED = new ClassFileImporter().importPackages("io.tidemill.planted");

    static List<String> rules() {
        return List.copyOf(ArchitectureRules.in("io.tidemill").keySet());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void a_rule_holds(String name) {
        rule("io.tidemill", name).check(MAIN);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void a_rule_finds_whoever_breaks_it(String name) {
        EvaluationResult result = rule("io.tidemill.planted", name).evaluate(PLANTED);

        assertThat(result.getFailureReport().toString()).contains(CULPRITS.get(name));
    }

    /** Who breaks which rule, in {@code io.tidemill.planted}. */
    private static final Map<String, List<String>> CULPRITS = Map.of(
            ArchitectureRules.RANKS,
            List.of(
                    "planted.task.LooksUp",
                    "planted.worker.LooksSideways",
                    "planted.nowhere.HasNoRank, whose package has no rank"),
            ArchitectureRules.JACKSON,
            List.of("planted.broker.KnowsJackson"),
            ArchitectureRules.SERIALIZATION,
            List.of("planted.client.Deserializes"),
            ArchitectureRules.TIME,
            List.of("TellsTheTime.wall()", "TellsTheTime.monotonic()"),
            ArchitectureRules.SLEEP,
            List.of("Sleeps.brief()", "Sleeps.exact()", "Sleeps.unit()"),
            ArchitectureRules.SYNCHRONIZED,
            List.of("Synchronizes.method()"),
            ArchitectureRules.NULL_MARKED,
            List.of("io.tidemill.planted.nowhere"));

    @Test
    void the_classes_were_scanned() {
        assertThat(MAIN.size()).isGreaterThanOrEqualTo(FEWEST_CLASSES);
        assertThat(MAIN.containPackage("io.tidemill.broker.memory")).isTrue();
        assertThat(MAIN.containPackage("io.tidemill.planted")).isFalse();
    }

    private static ArchRule rule(String base, String name) {
        return ArchitectureRules.in(base).get(name);
    }
}
