package io.tidemill.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.message.Failure;
import io.tidemill.record.JobCodec;
import io.tidemill.task.BrokerException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.TaskSignal;
import io.tidemill.task.WorkerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JudgeTest {

    private static final Duration RESULT_TTL = Duration.ofMinutes(7);

    private static final RetryPolicy THREE = policy(3, List.of(), List.of());
    private static final RetryPolicy ONE = policy(1, List.of(), List.of());
    private static final RetryPolicy ONLY_IO = policy(3, List.of(IOException.class), List.of());
    private static final RetryPolicy NEVER_IO = policy(3, List.of(), List.of(IOException.class));

    private static final Throwable BROKEN = new IllegalStateException("broken");
    private static final Throwable IO = new UncheckedIOException(new IOException("disk"));

    private static RetryPolicy policy(
            int attempts, List<Class<? extends Throwable>> on, List<Class<? extends Throwable>> giveUpOn) {
        return RetryPolicy.defaults()
                .withMaxAttempts(attempts)
                .withDelay(Duration.ofSeconds(1))
                .withJitter(false)
                .withOn(on)
                .withGiveUpOn(giveUpOn);
    }

    private static Claim claim(int failures, int lostLeases, int releases) {
        return new Claim("job", "token", new byte[0], 4, failures, lostLeases, releases);
    }

    private static Completion judge(Outcome outcome, Claim claim, RetryPolicy policy) {
        return judge(outcome, claim, policy, new Random(42));
    }

    private static Completion judge(Outcome outcome, Claim claim, RetryPolicy policy, Random random) {
        return judge(outcome, claim, policy, Duration.ZERO, random);
    }

    private static Completion judge(Outcome outcome, Claim claim, RetryPolicy policy, Duration age, Random random) {
        Judge judge =
                new Judge(claim, policy, age, RESULT_TTL, null, WorkerOptions.defaults(), random, JobCodec::encode);
        return outcome.judgedBy(judge).completion();
    }

    /** Outcome, failures, lostLeases, releases, policy, and what follows: a kind and its delay in ms. */
    static Stream<Arguments> table() {
        Outcome returned = new Outcome.Returned(new byte[] {1});
        Outcome threw = new Outcome.Threw(BROKEN);
        Outcome threwIo = new Outcome.Threw(IO);
        Outcome error = new Outcome.Threw(new StackOverflowError());
        Outcome late = new Outcome.TimedOut(Duration.ofSeconds(30));
        Outcome later = Outcome.of(new TaskSignal.RetryAfter(Duration.ofSeconds(90), IO));
        Outcome laterWhy = Outcome.of(new TaskSignal.RetryAfter(Duration.ZERO));
        Outcome givesUp = Outcome.of(new TaskSignal.GiveUp(IO));
        Outcome givesUpWhy = Outcome.of(new TaskSignal.GiveUp("the order is gone"));
        Outcome snoozed = new Outcome.Snoozed(Duration.ofMinutes(5));
        Outcome stopped = new Outcome.Stopped("the worker stopped");
        Outcome unanswered =
                new Outcome.Unanswered(new BrokerException(BrokerException.Outcome.UNKNOWN, "no answer", null));
        Outcome cancelled = new Outcome.Cancelled("withdrawn");
        Outcome bad = new Outcome.BadPayload(new PayloadException("no JSON", null));
        Outcome notForHere = new Outcome.NotForHere("UnknownTask", "unknown", 99);
        Outcome neverForHere = new Outcome.NotForHere("UnknownTask", "unknown", 100);
        return Stream.of(
                Arguments.of(returned, 0, 0, 0, THREE, "Succeeded"),
                Arguments.of(returned, 99, 99, 99, ONE, "Succeeded"),
                // Attempts spent are failures and ended leases, and this run.
                Arguments.of(threw, 0, 0, 0, THREE, "Retry 1000"),
                Arguments.of(threw, 1, 0, 0, THREE, "Retry 2000"),
                Arguments.of(threw, 2, 0, 0, THREE, "Dead"),
                Arguments.of(threw, 0, 1, 0, THREE, "Retry 1000"),
                Arguments.of(threw, 1, 1, 0, THREE, "Dead"),
                Arguments.of(threw, 0, 2, 0, THREE, "Dead"),
                Arguments.of(threw, 0, 0, 50, THREE, "Retry 1000"),
                Arguments.of(threw, 0, 0, 0, ONE, "Dead"),
                Arguments.of(error, 0, 0, 0, THREE, "Retry 1000"),
                Arguments.of(late, 0, 0, 0, THREE, "Retry 1000"),
                Arguments.of(late, 2, 0, 0, THREE, "Dead"),
                // What is worth a retry.
                Arguments.of(threw, 0, 0, 0, ONLY_IO, "Dead"),
                Arguments.of(threwIo, 0, 0, 0, ONLY_IO, "Retry 1000"),
                Arguments.of(threwIo, 0, 0, 0, NEVER_IO, "Dead"),
                Arguments.of(threw, 0, 0, 0, NEVER_IO, "Retry 1000"),
                Arguments.of(late, 0, 0, 0, ONLY_IO, "Dead"),
                // Code that names the time knows better than the policy, but gets no more attempts.
                Arguments.of(later, 0, 0, 0, THREE, "Retry 90000"),
                Arguments.of(later, 0, 0, 0, NEVER_IO, "Retry 90000"),
                Arguments.of(later, 2, 0, 0, THREE, "Dead"),
                Arguments.of(laterWhy, 1, 0, 0, THREE, "Retry 0"),
                // Code that gives up knows better, too.
                Arguments.of(givesUp, 0, 0, 0, THREE, "Dead"),
                Arguments.of(givesUp, 0, 0, 0, ONLY_IO, "Dead"),
                Arguments.of(givesUpWhy, 0, 0, 0, THREE, "Dead"),
                // No attempt is spent, however many there were.
                Arguments.of(snoozed, 0, 0, 0, ONE, "Release 300000"),
                Arguments.of(snoozed, 99, 99, 99, ONE, "Release 300000"),
                Arguments.of(stopped, 99, 99, 99, ONE, "Release 0"),
                Arguments.of(unanswered, 0, 0, 0, ONE, "Release 250"),
                Arguments.of(unanswered, 99, 99, 3, ONE, "Release 2000"),
                Arguments.of(unanswered, 0, 0, 9_999, ONE, "Release 60000"),
                Arguments.of(unanswered, 0, 0, 10_000, ONE, "Dead"),
                Arguments.of(unanswered, 0, 0, 10_000, THREE, "Retry 1000"),
                Arguments.of(cancelled, 99, 99, 99, ONE, "Cancelled"),
                Arguments.of(bad, 0, 0, 0, THREE, "Dead"),
                Arguments.of(notForHere, 0, 0, 0, ONE, "Release 10000"),
                Arguments.of(notForHere, 99, 99, 20_000, ONE, "Release 10000"),
                Arguments.of(neverForHere, 0, 0, 0, THREE, "Dead"),
                // A job that only ever snoozes is seen in the end.
                Arguments.of(snoozed, 0, 0, 9_999, ONE, "Release 300000"),
                Arguments.of(snoozed, 0, 0, 10_000, ONE, "Dead"),
                Arguments.of(stopped, 0, 0, 10_000, ONE, "Release 0"),
                // Counts that no job reaches still mean many, and not few.
                Arguments.of(threw, Integer.MAX_VALUE, 0, 0, THREE, "Dead"),
                Arguments.of(threw, Integer.MAX_VALUE, Integer.MAX_VALUE, 0, THREE, "Dead"),
                Arguments.of(later, 1, Integer.MAX_VALUE, 0, THREE, "Dead"));
    }

    @ParameterizedTest
    @MethodSource("table")
    void every_outcome_comes_to_what_the_table_says(
            Outcome outcome, int failures, int lostLeases, int releases, RetryPolicy policy, String expected) {
        assertThat(describe(judge(outcome, claim(failures, lostLeases, releases), policy)))
                .isEqualTo(expected);
    }

    private static String describe(Completion completion) {
        assertThat(completion.id()).isEqualTo("job");
        assertThat(completion.token()).isEqualTo("token");
        String kind = completion.getClass().getSimpleName();
        if (completion instanceof Completion.Retry retry) {
            return kind + " " + retry.delayMillis();
        }
        return completion instanceof Completion.Release release ? kind + " " + release.delayMillis() : kind;
    }

    @Test
    void every_kind_of_outcome_is_in_the_table() {
        assertThat(table().map(row -> row.get()[0].getClass().getName()).distinct())
                .containsExactlyInAnyOrderElementsOf(Stream.of(Outcome.class.getPermittedSubclasses())
                        .flatMap(each -> each.isSealed() ? Stream.of(each.getPermittedSubclasses()) : Stream.of(each))
                        .map(Class::getName)
                        .toList());
    }

    @Test
    void every_signal_has_an_outcome_of_its_own() {
        Stream<TaskSignal> signals = Stream.of(
                new TaskSignal.Snooze(Duration.ZERO),
                new TaskSignal.Cancel("withdrawn"),
                new TaskSignal.RetryAfter(Duration.ZERO),
                new TaskSignal.GiveUp("the order is gone"));

        assertThat(signals.map(signal -> Outcome.of(signal).getClass().getSimpleName()))
                .containsExactly("Snoozed", "Cancelled", "ToRetryAfter", "GaveUp")
                .hasSameSizeAs(TaskSignal.class.getPermittedSubclasses());
    }

    @Test
    void a_result_is_kept_as_long_as_the_task_says() {
        byte[] result = {1, 2};
        assertThat(judge(new Outcome.Returned(result), claim(0, 0, 0), THREE))
                .isEqualTo(new Completion.Succeeded("job", "token", result, RESULT_TTL.toMillis()));
    }

    @Test
    void what_is_kept_of_a_failure_is_the_cause_of_a_retry_after_and_not_the_signal() {
        Completion.Retry retry = (Completion.Retry)
                judge(Outcome.of(new TaskSignal.RetryAfter(Duration.ofSeconds(1), BROKEN)), claim(0, 0, 0), THREE);

        assertThat(JobCodec.decodeFailure(retry.failure()))
                .extracting(Failure::type, Failure::message)
                .containsExactly("java.lang.IllegalStateException", "broken");
    }

    @Test
    void what_is_kept_of_a_give_up_is_its_cause_or_its_reason() {
        assertThat(failureOf(new TaskSignal.GiveUp(BROKEN)))
                .extracting(Failure::type, Failure::message)
                .containsExactly("java.lang.IllegalStateException", "broken");
        assertThat(failureOf(new TaskSignal.GiveUp("the order is gone")))
                .extracting(Failure::type, Failure::message)
                .containsExactly(TaskSignal.GiveUp.class.getName(), "the order is gone");
    }

    private static Failure failureOf(Throwable thrown) {
        Completion.Dead dead = (Completion.Dead) judge(Outcome.of(thrown), claim(0, 0, 0), THREE);
        return JobCodec.decodeFailure(dead.failure());
    }

    @Test
    void a_job_that_nobody_knows_dies_with_the_count_and_the_name_of_the_limit() {
        Completion.Dead dead = (Completion.Dead)
                judge(new Outcome.NotForHere("UnknownTask", "task \"x\" is not registered", 100), claim(0, 0, 0), ONE);

        assertThat(JobCodec.decodeFailure(dead.failure()).message())
                .contains("task \"x\" is not registered", "100 times", "maxUnknownReleases");
    }

    @Test
    void a_timeout_is_kept_with_its_limit() {
        Completion.Retry retry =
                (Completion.Retry) judge(new Outcome.TimedOut(Duration.ofSeconds(30)), claim(0, 0, 0), THREE);

        assertThat(JobCodec.decodeFailure(retry.failure()).message()).contains("timeout of 30 s");
    }

    @Test
    void the_same_seed_gives_the_same_waits_within_the_range() {
        RetryPolicy jitter = RetryPolicy.defaults().withMaxAttempts(10_000);
        List<Long> first = waits(jitter, 7);

        assertThat(first).isEqualTo(waits(jitter, 7)).isNotEqualTo(waits(jitter, 8));
        for (int failures = 0; failures < first.size(); failures++) {
            long longest = Math.min(3_600_000L, 2000L << Math.min(failures, 20));
            assertThat(first.get(failures)).isBetween(longest / 2, longest);
        }
    }

    private static List<Long> waits(RetryPolicy policy, long seed) {
        Random random = new Random(seed);
        List<Long> waits = new ArrayList<>();
        for (int failures = 0; failures < 2000; failures++) {
            Completion.Retry retry =
                    (Completion.Retry) judge(new Outcome.Threw(BROKEN), claim(failures, 0, 0), policy, random);
            waits.add(retry.delayMillis());
        }
        return waits;
    }

    @Test
    void a_job_whose_next_run_would_begin_after_the_window_is_dead() {
        RetryPolicy policy = RetryPolicy.defaults()
                .withDelay(Duration.ofMinutes(1))
                .withJitter(false)
                .withWindow(Duration.ofHours(1));
        Outcome threw = new Outcome.Threw(BROKEN);
        Outcome later = Outcome.of(new TaskSignal.RetryAfter(Duration.ofHours(1), IO));

        assertThat(judge(threw, claim(0, 0, 0), policy, Duration.ofMinutes(59), new Random(42)))
                .isInstanceOf(Completion.Retry.class);
        assertThat(judge(threw, claim(0, 0, 0), policy, Duration.ofMinutes(59).plusMillis(1), new Random(42)))
                .isInstanceOf(Completion.Dead.class);
        assertThat(judge(later, claim(0, 0, 0), policy, Duration.ofMillis(1), new Random(42)))
                .isInstanceOf(Completion.Dead.class);
    }

    @Test
    void a_wait_saturates_at_the_cap_and_never_overflows() {
        RetryPolicy steep = RetryPolicy.defaults()
                .withMaxAttempts(10_000)
                .withDelay(Duration.ofDays(3650))
                .withMultiplier(100)
                .withMaxDelay(Duration.ofDays(3650))
                .withJitter(false);
        for (int failures : new int[] {0, 1, 5, 100, 9_000}) {
            assertThat(judge(new Outcome.Threw(BROKEN), claim(failures, 0, 0), steep))
                    .asInstanceOf(InstanceOfAssertFactories.type(Completion.Retry.class))
                    .extracting(Completion.Retry::delayMillis)
                    .isEqualTo(Duration.ofDays(3650).toMillis());
        }
    }
}
