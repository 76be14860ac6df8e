package io.tidemill.redis.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.redis.Thorough;
import io.tidemill.redis.script.Script;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bugs that are planted in the scripts are found within a few thousand seeds, and their reports are short. */
@Tag(Thorough.TAG)
class ModelCatchesBugsIT {

    private static final int SEEDS = 3_000;
    private static final int MOST_OPERATIONS = 8;

    /** A small change to the text of a script. */
    private enum Bug {
        A_STALE_COMPLETION_COUNTS(Script.COMPLETE, "if lease.isMember[i] == 1 then", "if true then"),
        A_RESULT_IS_KEPT_TOO_LONG(Script.COMPLETE, "'PX', results[i].ttl", "'PX', 3600000"),
        A_STORED_JOB_IS_STORED_AGAIN(
                Script.ENQUEUE, "redis.call('EXISTS', KEYS[fixedKeys + i], results[i]) == 0", "true"),
        A_KEPT_JOB_IS_STORED_AGAIN(
                Script.ENQUEUE, "isKept[i] = till[i] and tonumber(till[i]) > now", "isKept[i] = false"),
        ONE_JOB_TOO_MANY_IS_KEPT(Script.COMPLETE, "'+inf') - plan.newest)", "'+inf') - plan.newest - 1)"),
        A_REPEATED_CALL_IS_DONE_AGAIN(
                Script.ENQUEUE, "local isRepeated = executed == number", "local isRepeated = false"),
        A_KEY_IS_HELD_BY_WHO_STARTED(Script.CLAIM, "if constraints and constraints.scope == 's' then", "if false then"),
        A_CLAIM_ASKED_AGAIN_BRINGS_MORE(Script.CLAIM, "if #held > 0 or isTokenTaken() then", "if false then"),
        A_LATE_COPY_OF_A_CLAIM_CLAIMS(Script.CLAIM, "if #held > 0 or isTokenTaken() then", "if #held > 0 then"),
        A_CLAIM_THAT_WAS_OVERTAKEN_IS_REFUSED(
                Script.CLAIM, "return below == 0 or below > NUMBERS or", "return below >= 0 or"),
        ONE_TOO_MANY_OF_A_GROUP_RUN(
                Script.CLAIM, "group.holders + #group.ids >= limit.jobs", "group.holders + #group.ids > limit.jobs"),
        A_RETRY_IN_ORDER_IS_OVERTAKEN(Script.FAIL, "job.isToWait and keepPlaces(job)", "nil"),
        A_RETRY_IN_ORDER_GOES_TO_THE_END(Script.CLAIM, "if isAhead and record then", "if false then"),
        A_RATE_FORGETS_ITS_BURST(Script.CLAIM, "- (limit.burst - 1) * limit.spacing", "- limit.burst * limit.spacing"),
        AN_ENDED_LEASE_IS_NOT_COUNTED(Script.RECOVER, "plusOne(record, 8, 10)", "string.sub(record, 8, 10)"),
        A_RELEASED_JOB_GOES_TO_THE_END(
                Script.RELEASE, "redis.call('LPUSH', readyKey(list)", "redis.call('RPUSH', readyKey(list)"),
        A_LEASE_IS_SHORTENED(Script.EXTEND, "'XX', 'GT'", "'XX'"),
        A_JOB_EXPIRES_A_MOMENT_LATE(Script.EXPIRE, "'-inf', text(now)", "'-inf', text(now - 1)"),
        A_CANCELLED_JOB_IS_FORGOTTEN(Script.CANCEL, "redis.call('SET', result, 'C', 'PX', 3600000)", ""),
        A_REDRIVEN_JOB_KEEPS_ITS_FAILURES(Script.REDRIVE, "'000000000001'", "string.sub(head, 4, 15)"),
        A_STEP_IS_TAKEN_WHATEVER_IT_EXPECTS(Script.ENQUEUE, "if current ~= expected then", "if not current then"),
        A_STEP_IS_TAKEN_TWICE(Script.ENQUEUE, "return current == revision and '0' or 's'", "return 's'"),
        A_STEP_DOES_NOT_SAY_WHEN_NEXT(Script.ENQUEUE, "redis.call('ZADD', schedulesKey, unpack(steps.times))", ""),
        A_SECOND_STEP_DOES_NOT_MEET_THE_FIRST(
                Script.ENQUEUE, "steps.revisions[name] or readPlan(", "false or readPlan("),
        A_TAKEN_SCHEDULE_IS_NOT_HELD(Script.TAKE, "redis.call('ZADD', schedules, 'XX', unpack(held))", ""),
        A_SCHEDULE_IS_WRITTEN_WHATEVER_IT_HAS(
                Script.SCHEDULE, "current == expected and current ~= revision", "current ~= revision"),
        A_SCHEDULE_IS_REMOVED_WHATEVER_IT_HAS(
                Script.UNSCHEDULE, "local isGone = current == expected", "local isGone = true"),
        A_LATE_NOTE_IS_WRITTEN(Script.NOTE, "if note <= number then", "if note == number then"),
        A_PURGED_JOB_KEEPS_ITS_KEY(Script.PURGE, "releaseLock(id, constraints)\n  endStep", "endStep"),
        A_PLACE_IS_FILLED_TWICE(Script.FILL, "redis.call('HEXISTS', placesKey(id), place) == 1", "false"),
        WHAT_WAS_STOPPED_GOES_ON(Script.FOLLOW, "hasStopped and isStopped(constraints)", "false"),
        A_CANCELLED_STEP_LEAVES_NO_MESSAGE(Script.CANCEL, "planEnd(place, 'C')", "planEnd(place, nil)"),
        A_WRITE_NEED_NOT_HAVE_SEEN_THE_END(Script.STORE, "hasEnd and '!0ended' or ''", "''"),
        THE_PLACES_OF_A_JOB_OUTLIVE_IT(Script.COMPLETE, "endStep(id, constraints, nil)", "");

        private final Script script;
        private final String right;
        private final String wrong;

        Bug(Script script, String right, String wrong) {
            this.script = script;
            this.right = right;
            this.wrong = wrong;
        }

        Map<Script, UnaryOperator<String>> change() {
            return Map.of(script, text -> {
                assertThat(text.split(Pattern.quote(right), -1))
                        .as("the text is there once: %s", right)
                        .hasSize(2);
                return text.replace(right, wrong);
            });
        }
    }

    private static Real real;

    /** One in twelve, always the same ones, in an ordinary build; all in a thorough one. */
    static List<Bug> bugs() {
        return Arrays.stream(Bug.values())
                .filter(bug -> bug.ordinal() % Thorough.size(12, 1) == 0)
                .toList();
    }

    @BeforeAll
    static void start() {
        Real.assumeServerIsNewEnough();
        real = new Real();
    }

    @AfterAll
    static void end() {
        if (real != null) {
            real.close();
        }
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void a_planted_bug_is_found_and_its_report_is_short(Bug bug) {
        real.change(bug.change());

        Optional<List<Operation>> failing = LongStream.range(0, SEEDS)
                .mapToObj(seed -> Generator.operations(seed, ModelVersusRealIT.OPERATIONS))
                .filter(operations -> Comparison.run(real, operations).isPresent())
                .findFirst();

        assertThat(failing).as("sequences that show it").isPresent();
        List<Operation> shortest =
                new Shrinker(some -> Comparison.run(real, some).isPresent()).shrink(failing.orElseThrow());
        assertThat(shortest).hasSizeLessThanOrEqualTo(MOST_OPERATIONS);
        assertThat(Comparison.run(real, shortest)).as("it fails again").isPresent();
        real.change(Map.of());
        assertThat(Comparison.run(real, shortest)).as("and only with the bug").isEmpty();
    }
}
