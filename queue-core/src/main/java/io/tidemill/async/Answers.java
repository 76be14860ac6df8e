package io.tidemill.async;

import io.tidemill.task.BrokerException;
import io.tidemill.text.Texts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Waits for the broker's answers on behalf of callers that want values and exceptions, not futures. */
public final class Answers {

    /** Only a net: brokers end their calls by themselves, and sooner. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private Answers() {}

    /**
     * The answer.
     *
     * @param what what was asked, for messages: "about job 7"
     * @throws BrokerException if there is none
     */
    public static <V> V of(CompletableFuture<V> answer, String what) {
        try {
            return answer.get(LONGEST.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException(
                    BrokerException.Outcome.UNKNOWN, "interrupted while asking the broker " + what, e);
        } catch (TimeoutException e) {
            throw new BrokerException(
                    BrokerException.Outcome.UNKNOWN,
                    "no answer from the broker " + what + " within " + Texts.duration(LONGEST),
                    e);
        } catch (ExecutionException e) {
            throw unwrap(e);
        }
    }

    /** What really went wrong, as something that can be thrown. */
    public static RuntimeException unwrap(Throwable failure) {
        return named(unwrapped(failure));
    }

    /** What really went wrong. */
    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The message of what really went wrong; {@code "null"} if it has none. */
    public static String message(Throwable failure) {
        return String.valueOf(unwrapped(failure).getMessage());
    }

    /** Whether the broker said that nothing was done. */
    public static boolean isRefusal(@Nullable Throwable failure) {
        return failure != null
                && unwrapped(failure) instanceof BrokerException refused
                && refused.outcome() == BrokerException.Outcome.REFUSED;
    }

    /**
     * Whether the broker may or may not have done it. A failure of another kind, as the end of a stack below the call,
     * arose in this process and says nothing about the broker.
     */
    public static boolean isUnanswered(@Nullable Throwable failure) {
        return failure != null
                && unwrapped(failure) instanceof BrokerException unanswered
                && unanswered.outcome() == BrokerException.Outcome.UNKNOWN
                && !(unanswered.getCause() instanceof Error);
    }

    private static RuntimeException named(@Nullable Throwable cause) {
        if (cause instanceof BrokerException broker) {
            // A new one in its place, so that the stack trace shows who asked and not which network thread answered.
            return new BrokerException(broker.outcome(), String.valueOf(broker.getMessage()), broker.getCause());
        }
        if (cause instanceof Error) {
            // Of this machine, as the end of a stack: the broker did not refuse, so nobody knows what it has done.
            return new BrokerException(
                    BrokerException.Outcome.UNKNOWN,
                    "the call was broken off in this process by "
                            + cause.getClass().getName() + "; it may or may not have been done",
                    cause);
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }
}
