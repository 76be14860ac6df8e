package io.tidemill;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of {@link ArchitectureTest}, for the packages below any base, so that they can be tried on planted ones.
 */
final class ArchitectureRules {

    static final String RANKS = "a package imports only what stands below it";
    static final String JACKSON = "only json, message and record know Jackson";
    static final String SERIALIZATION = "nobody uses Java serialization";
    static final String TIME = "only time looks at the machine's clock";
    static final String SLEEP = "nobody sleeps";
    static final String SYNCHRONIZED = "no method is synchronized";
    static final String NULL_MARKED = "every package is @NullMarked";

    /** Packages of one rank do not know each other. */
    private static final List<List<String>> PACKAGES_BY_RANK = List.of(
            List.of(".lint", ".text", ".time"),
            List.of(".task", ".queue"),
            List.of(".async", ".definition", ".json"),
            List.of(".batch"),
            List.of(".lifecycle", ".message"),
            List.of(".record", ".event", ".plan"),
            List.of(".broker", ".observe"),
            List.of(".flow"),
            List.of(".broker.memory", ".broker.partition", ".client", ".worker", ".maintenance"),
            List.of(".admin", ".send"),
            List.of(".workflow"),
            List.of(""));

    private ArchitectureRules() {}

    static Map<String, ArchRule> in(String base) {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put(RANKS, classes().should(importOnlyLowerRanks(base)));
        rules.put(
                JACKSON,
                noClasses()
                        .that()
                        .resideOutsideOfPackages(base + ".json..", base + ".message..", base + ".record..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("com.fasterxml..", "tools.jackson.."));
        rules.put(
                SERIALIZATION,
                noClasses()
                        .should()
                        .dependOnClassesThat()
                        .haveNameMatching("java\\.io\\.Object(Input|Output)Stream.*"));
        rules.put(
                TIME,
                noClasses()
                        .that()
                        .resideOutsideOfPackage(base + ".time..")
                        .should()
                        .callMethodWhere(
                                calls(System.class, "currentTimeMillis").or(calls(System.class, "nanoTime"))));
        rules.put(
                SLEEP,
                noClasses()
                        .should()
                        .callMethodWhere(calls(Thread.class, "sleep").or(calls(TimeUnit.class, "sleep"))));
        // A virtual thread that blocks in a synchronized method holds its carrier on Java 21.
        rules.put(SYNCHRONIZED, noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED));
        rules.put(NULL_MARKED, classes().should(resideInANullMarkedPackage()));
        return rules;
    }

    private static DescribedPredicate<JavaCall<?>> calls(Class<?> type, String method) {
        return target(owner(JavaClass.Predicates.type(type))).and(target(name(method)));
    }

    private static ArchCondition<JavaClass> importOnlyLowerRanks(String base) {
        Map<String, Integer> ranks = new HashMap<>();
        for (int rank = 0; rank < PACKAGES_BY_RANK.size(); rank++) {
            for (String each : PACKAGES_BY_RANK.get(rank)) {
                ranks.put(base + each, rank);
            }
        }
        return new ArchCondition<>("import only lower ranks") {
            @Override
            public void check(JavaClass origin, ConditionEvents events) {
                Integer rank = ranks.get(origin.getPackageName());
                if (rank == null) {
                    events.add(SimpleConditionEvent.violated(
                            origin, origin.getName() + ", whose package has no rank: give it one here"));
                    return;
                }
                for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                    JavaClass target = dependency.getTargetClass().getBaseComponentType();
                    boolean ours = target.getPackageName().equals(base)
                            || target.getPackageName().startsWith(base + ".");
                    boolean elsewhere = !target.getPackageName().equals(origin.getPackageName());
                    if (ours && elsewhere && ranks.getOrDefault(target.getPackageName(), Integer.MAX_VALUE) >= rank) {
                        events.add(SimpleConditionEvent.violated(origin, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
        return new ArchCondition<>("reside in a package whose package-info says @NullMarked") {
            @Override
            public void check(JavaClass origin, ConditionEvents events) {
                boolean marked = origin.getPackage()
                        .tryGetPackageInfo()
                        .filter(CanBeAnnotated.Predicates.annotatedWith(NullMarked.class))
                        .isPresent();
                if (!marked) {
                    events.add(SimpleConditionEvent.violated(
                            origin, origin.getPackageName() + " has no package-info with @NullMarked"));
                }
            }
        };
    }
}
