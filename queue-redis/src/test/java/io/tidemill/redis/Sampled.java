package io.tidemill.redis;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A suite that runs in another place as well: of its tests an ordinary build runs one in {@value #EVERY}, always the
 * same ones, and a thorough build all.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Sampled.ByName.class)
@interface Sampled {

    /** How many tests there are for each that an ordinary build runs. */
    int EVERY = 8;

    /** When to leave tests out: always, or only when the build runs the suite a second time, on the oldest Redis. */
    When value() default When.ALWAYS;

    /** Which runs of a suite are sampled. */
    enum When {
        ALWAYS,
        ON_OLDEST_REDIS
    }

    /** Decides by the name of a test, so that a failure is met again. */
    final class ByName implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (context.getTestMethod().isEmpty() || Thorough.isFull() || !applies(context)) {
                return ConditionEvaluationResult.enabled("not sampled");
            }
            String name = context.getRequiredTestMethod().getName();
            return Math.floorMod(name.hashCode(), EVERY) == 0
                    ? ConditionEvaluationResult.enabled("in the sample")
                    : ConditionEvaluationResult.disabled("an ordinary build runs one in " + EVERY
                            + " of these tests here;" + " mvn verify -Pthorough runs all");
        }

        /** The suite stands further out: its tests are in nested classes, which do not know it. */
        private static boolean applies(ExtensionContext context) {
            Optional<ExtensionContext> each = Optional.of(context);
            while (each.isPresent()) {
                Optional<Sampled> sampled =
                        each.flatMap(ExtensionContext::getTestClass).map(type -> type.getAnnotation(Sampled.class));
                if (sampled.isPresent()) {
                    return sampled.get().value() == When.ALWAYS || Boolean.getBoolean("tidemill.oldest");
                }
                each = each.flatMap(ExtensionContext::getParent);
            }
            return false;
        }
    }
}
