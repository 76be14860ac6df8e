package io.tidemill.worker;

import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.broker.Followers;
import io.tidemill.message.Failure;
import io.tidemill.record.SealFailedException;
import io.tidemill.task.BrokerException;
import io.tidemill.task.PayloadException;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a job after a run: one method per outcome. A pure function of how the run ended, the job's
 * counts, its retry policy and a random number; it asks no clock and changes nothing.
 *
 * <table>
 *   <caption>Decisions</caption>
 *   <tr><th>outcome</th><th>verdict</th></tr>
 *   <tr><td>returned</td><td>succeeded</td></tr>
 *   <tr><td>threw, timed out</td><td>retry, while attempts are left, the policy retries it and its window lasts; else dead</td></tr>
 *   <tr><td>the seal failed</td><td>as threw, whatever failures the policy retries</td></tr>
 *   <tr><td>to retry after a time</td><td>retry after that time, while attempts are left and the window lasts; else dead</td></tr>
 *   <tr><td>gave up</td><td>dead</td></tr>
 *   <tr><td>snoozed</td><td>release: no attempt is spent, until the limit; then dead</td></tr>
 *   <tr><td>the broker did not answer before the code</td><td>release with a delay, until the limit; then as threw</td></tr>
 *   <tr><td>stopped</td><td>release: no attempt is spent</td></tr>
 *   <tr><td>not for here</td><td>release with a delay, until the limit; then dead</td></tr>
 *   <tr><td>bad payload</td><td>dead, bytes kept as they are</td></tr>
 *   <tr><td>cancelled</td><td>cancelled</td></tr>
 * </table>
 *
 * <p>Attempts that are spent are failures and lost leases; releases spend none.
 *
 * @param policy the job's retry policy
 * @param age how long ago the job was created
 * @param resultTtl how long a result is kept
 * @param keep how the job is kept if it succeeded; null if it is not
 * @param options the limits of releases
 * @param stored what is stored of a failure
 */
record Judge(
        Claim claim,
        RetryPolicy policy,
        Duration age,
        Duration resultTtl,
        Completion.@Nullable Keep keep,
        WorkerOptions options,
        RandomGenerator random,
        Function<Failure, byte[]> stored) {

    private static final long FIRST_PAUSE_MILLIS = 250;

    private static final long LONGEST_PAUSE_MILLIS = 60_000;

    Verdict returned(byte @Nullable [] result, @Nullable Followers followers) {
        return new Verdict.Succeeded(
                Completion.Succeeded.of(claim, result, resultTtl.toMillis())
                        .keeping(keep)
                        .following(followers),
                false);
    }

    Verdict threw(Throwable thrown) {
        boolean isRetried = thrown instanceof SealFailedException || policy.retries(thrown);
        return isRetried && hasMoreAttempts()
                ? toRetryAfter(policy.waitAfter(claim.failures() + 1, random), thrown)
                : gaveUp(thrown);
    }

    /** The next run comes after this time, if there is one. */
    Verdict toRetryAfter(Duration wait, Throwable reason) {
        if (!hasMoreAttempts() || !policy.isInWindow(age.plus(wait))) {
            return gaveUp(reason);
        }
        Failure failure = Failure.of(reason);
        return new Verdict.Retried(
                new Completion.Retry(claim.id(), claim.token(), wait.toMillis(), stored.apply(failure)),
                failure,
                reason);
    }

    Verdict gaveUp(Throwable reason) {
        return dead(Failure.of(reason), reason);
    }

    private boolean hasMoreAttempts() {
        return (long) claim.failures() + claim.lostLeases() + 1 < policy.maxAttempts();
    }

    Verdict timedOut(Duration limit) {
        TimeoutException late = new TimeoutException("ran longer than its timeout of " + Texts.duration(limit));
        late.setStackTrace(new StackTraceElement[0]);
        return threw(late);
    }

    /** A job that only ever snoozes would go round for ever, and nobody would see it. */
    Verdict snoozed(Duration delay) {
        return claim.releases() < options.maxReleases()
                ? released(delay, "snoozed")
                : dead(
                        Failure.of(
                                "SnoozedTooOften",
                                "it snoozed again after it had been given back " + Texts.count(claim.releases(), "time")
                                        + " (maxReleases)"),
                        null);
    }

    /** Nothing is wrong with the job. The delay doubles with each release, up to a minute. */
    Verdict unanswered(BrokerException reason) {
        if (claim.releases() >= options.maxReleases()) {
            return threw(reason);
        }
        long millis = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(claim.releases(), 8));
        return released(
                Duration.ofMillis(millis),
                "before its code: " + Failure.of(reason).line());
    }

    Verdict stopped(String why) {
        return released(Duration.ZERO, why);
    }

    Verdict cancelled(String reason) {
        return new Verdict.Cancelled(new Completion.Cancelled(claim.id(), claim.token()), reason);
    }

    Verdict badPayload(PayloadException reason) {
        return gaveUp(reason);
    }

    Verdict notForHere(String type, String reason, int timesBefore) {
        return timesBefore < options.maxUnknownReleases()
                ? released(options.unknownTaskDelay(), reason)
                : dead(
                        Failure.of(
                                type,
                                reason + ", and after it left the job for others " + Texts.count(timesBefore, "time")
                                        + " (maxUnknownReleases) nobody has run it"),
                        null);
    }

    private Verdict released(Duration delay, String why) {
        return new Verdict.Released(new Completion.Release(claim.id(), claim.token(), delay.toMillis()), why);
    }

    private Verdict dead(Failure failure, @Nullable Throwable thrown) {
        return new Verdict.Died(new Completion.Dead(claim.id(), claim.token(), stored.apply(failure)), failure, thrown);
    }
}
