package io.tidemill.worker;

import io.tidemill.task.WorkerOptions;
import io.tidemill.broker.Claim;
import io.tidemill.broker.Completion;
import io.tidemill.message.Failure;
import io.tidemill.record.JobCodec;
import io.tidemill.task.RetryPolicy;
import io.tidemill.task.TaskSignal;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Decides what becomes of a job after a run. A pure function of how the run ended, the job's counts, its retry policy
 * and a random number; it asks no clock and changes nothing.
 *
 * <table>
 *   <caption>Decisions</caption>
 *   <tr><th>outcome</th><th>completion</th></tr>
 *   <tr><td>returned</td><td>succeeded</td></tr>
 *   <tr><td>threw, timed out</td><td>retry, while attempts are left and the policy retries it; else dead</td></tr>
 *   <tr><td>threw RetryAfter</td><td>retry after that time, while attempts are left; else dead</td></tr>
 *   <tr><td>threw GiveUp</td><td>dead</td></tr>
 *   <tr><td>snoozed</td><td>release: no attempt is spent, until the limit; then dead</td></tr>
 *   <tr><td>stopped</td><td>release: no attempt is spent</td></tr>
 *   <tr><td>not for here</td><td>release with a delay, until the limit; then dead</td></tr>
 *   <tr><td>bad payload</td><td>dead, bytes kept as they are</td></tr>
 *   <tr><td>cancelled</td><td>cancelled</td></tr>
 * </table>
 *
 * <p>Attempts that are spent are failures and ended leases; releases spend none.
 */
final class Judge {

    private Judge() {}

    /**
     * Decides.
     *
     * @param policy the job's retry policy
     * @param resultTtl how long a result is kept
     * @param options the limits for jobs that are not for here
     */
    static Completion judge(
            Outcome outcome,
            Claim claim,
            RetryPolicy policy,
            Duration resultTtl,
            WorkerOptions options,
            RandomGenerator random) {
        String id = claim.id();
        String token = claim.token();
        if (outcome instanceof Outcome.Returned returned) {
            return Completion.Succeeded.of(claim, returned.result(), resultTtl.toMillis());
        }
        if (outcome instanceof Outcome.Threw threw) {
            return afterFailure(threw, claim, policy, random);
        }
        if (outcome instanceof Outcome.TimedOut timedOut) {
            TimeoutException late =
                    new TimeoutException("ran longer than its timeout of " + Texts.duration(timedOut.limit()));
            late.setStackTrace(new StackTraceElement[0]);
            return afterFailure(new Outcome.Threw(late), claim, policy, random);
        }
        if (outcome instanceof Outcome.Snoozed snoozed) {
            return afterSnooze(snoozed.delay(), claim, options);
        }
        if (outcome instanceof Outcome.Stopped) {
            return new Completion.Release(id, token, 0);
        }
        if (outcome instanceof Outcome.Cancelled) {
            return new Completion.Cancelled(id, token);
        }
        if (outcome instanceof Outcome.BadPayload bad) {
            return new Completion.Dead(id, token, JobCodec.encode(Failure.of(bad.reason())));
        }
        Outcome.NotForHere notForHere = (Outcome.NotForHere) outcome;
        return notForHere.timesBefore() < options.maxUnknownReleases()
                ? new Completion.Release(id, token, options.unknownTaskDelay().toMillis())
                : dead(
                        claim,
                        "UnknownTask",
                        notForHere.reason() + ", and after it left the job for others "
                                + Texts.count(notForHere.timesBefore(), "time")
                                + " (maxUnknownReleases) nobody has run it");
    }

    /** A job that only ever snoozes would go round for ever, and nobody would see it. */
    private static Completion afterSnooze(Duration delay, Claim claim, WorkerOptions options) {
        return claim.releases() < options.maxReleases()
                ? new Completion.Release(claim.id(), claim.token(), delay.toMillis())
                : dead(
                        claim,
                        "SnoozedTooOften",
                        "it snoozed again after it had been given back " + Texts.count(claim.releases(), "time")
                                + " (maxReleases)");
    }

    private static Completion dead(Claim claim, String type, String message) {
        return new Completion.Dead(claim.id(), claim.token(), JobCodec.encode(Failure.of(type, message)));
    }

    private static Completion afterFailure(
            Outcome.Threw threw, Claim claim, RetryPolicy policy, RandomGenerator random) {
        Throwable thrown = threw.thrown();
        byte[] failure = JobCodec.encode(Failure.of(threw.reason()));
        TaskSignal.RetryAfter retryAfter = thrown instanceof TaskSignal.RetryAfter signal ? signal : null;
        boolean isWorthARetry = retryAfter != null || policy.retries(thrown);
        long spent = (long) claim.failures() + claim.lostLeases() + 1;
        if (spent >= policy.maxAttempts() || !isWorthARetry || thrown instanceof TaskSignal.GiveUp) {
            return new Completion.Dead(claim.id(), claim.token(), failure);
        }
        Duration wait = retryAfter != null ? retryAfter.delay() : policy.waitAfter(claim.failures() + 1, random);
        return new Completion.Retry(claim.id(), claim.token(), wait.toMillis(), failure);
    }
}
