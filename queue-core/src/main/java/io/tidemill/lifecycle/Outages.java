package io.tidemill.lifecycle;

import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of the broker from the requests that one {@code TaskQueue} sends anyway: when it answered last, and
 * what fails.
 *
 * <p>The broker is lost when a request gets no answer and no other request was answered since it was sent. It is back
 * with the next answer. Both are logged and published once, however many requests fail meanwhile. Any other failure
 * concerns one kind of request of one queue, and is logged once until that works again. A failure of it that comes more
 * than 2 min after the last is logged again.
 *
 * <p>Thread-safe.
 */
public final class Outages {

    /**
     * Hears when the broker is lost and when it is back, in this order. Called on threads of the broker, one call after
     * the other: must not block.
     */
    public interface Watcher {

        /**
         * The broker is lost.
         *
         * @param why what got no answer, in one line
         */
        void lost(String why);

        /**
         * The broker is back.
         *
         * @param after the time since the first request without an answer was sent
         */
        void back(Duration after);
    }

    private static final long FORGOTTEN_NANOS = Duration.ofMinutes(2).toNanos();
    private static final String BROKER = "";

    /** Without equality: two that begin at the same time are two. */
    private static final class Outage {

        private final long sinceNanos;
        private final long lastNanos;

        Outage(long sinceNanos, long lastNanos) {
            this.sinceNanos = sinceNanos;
            this.lastNanos = lastNanos;
        }
    }

    private final Clock clock;
    private final Logger log;
    private final Watcher watcher;
    private final Map<String, Outage> current = new ConcurrentHashMap<>();
    /** Held while the broker becomes lost or is back, so that both are published in this order. */
    private final ReentrantLock connection = new ReentrantLock();

    /** Whether something was asked since the last answer. */
    private final AtomicBoolean isAwaited = new AtomicBoolean();
    /** When the first of what was asked since the last answer was sent. */
    private volatile long awaitedNanos;

    private volatile long answeredNanos;
    private volatile boolean hasAnswered;
    private volatile boolean isOver;

    /** Nothing fails yet. */
    public Outages(Clock clock, Watcher watcher) {
        this(clock, watcher, LoggerFactory.getLogger(LogNames.QUEUE));
    }

    Outages(Clock clock, Watcher watcher, Logger log) {
        this.clock = clock;
        this.watcher = watcher;
        this.log = log;
        this.answeredNanos = clock.nanos();
    }

    /**
     * A request is sent.
     *
     * @return when, on the monotonic clock
     */
    public long sent() {
        long now = clock.nanos();
        if (!isAwaited.get()) {
            awaitedNanos = now;
            isAwaited.set(true);
        }
        return now;
    }

    /** A request was answered and not refused. */
    public void answered() {
        answeredNanos = clock.nanos();
        hasAnswered = true;
        isAwaited.set(false);
        if (areKnown()) {
            back();
        }
    }

    private void back() {
        connection.lock();
        try {
            Outage outage = ended(BROKER, "the broker answers again");
            if (outage != null) {
                watcher.back(Duration.ofNanos(clock.nanos() - outage.sinceNanos));
            }
        } finally {
            connection.unlock();
        }
    }

    /**
     * A request was refused, or failed in this process, so that nothing waits for its answer. An outage that is known
     * goes on.
     */
    public void refused() {
        isAwaited.set(false);
    }

    /**
     * A request got no answer. Nothing happens if another one was answered since it was sent: whoever sent it says then
     * what failed.
     *
     * @param sentNanos when it was sent
     * @param text what is logged if the broker is lost, in one line
     */
    public void unanswered(long sentNanos, String text) {
        if (hasNotAnsweredSince(sentNanos)) {
            lost(sentNanos, text);
        }
    }

    private void lost(long sentNanos, String text) {
        connection.lock();
        try {
            if (failed(BROKER, sentNanos, text)) {
                watcher.lost(text);
            }
        } finally {
            connection.unlock();
        }
        if (!hasNotAnsweredSince(sentNanos)) {
            // An answer that came meanwhile did not see that the broker was lost.
            back();
        }
    }

    /**
     * A request got no answer, or was refused.
     *
     * @param request what was asked and where, such as "queue mail: claim"
     * @param sentNanos when it was sent
     * @param isApart whether this is logged even while the broker is lost: the request was refused or failed in this
     *     process, or what follows from the failure must be known
     * @param text what is logged, in one line
     */
    public void failed(String request, long sentNanos, boolean isApart, String text) {
        if (!isApart && hasNotAnsweredSince(sentNanos)) {
            lost(sentNanos, text);
        } else {
            failed(request, clock.nanos(), text);
        }
    }

    /** Returns whether it has just begun to fail. */
    private boolean failed(String key, long sinceNanos, String text) {
        if (isOver) {
            return false;
        }
        long now = clock.nanos();
        Outage fresh = new Outage(sinceNanos, now);
        Outage outage = current.merge(
                key, fresh, (known, x) -> isForgotten(key, known, now) ? fresh : new Outage(known.sinceNanos, now));
        // The very object: two may fail at the same time.
        if (outage != fresh) {
            log.debug("{}", text);
            return false;
        }
        log.warn("{}; logged once until it works again", text);
        return true;
    }

    /** The broker is asked all the time, so it stays lost until it answers. */
    private static boolean isForgotten(String key, Outage known, long now) {
        return !key.equals(BROKER) && now - known.lastNanos > FORGOTTEN_NANOS;
    }

    private boolean hasNotAnsweredSince(long nanos) {
        return !hasAnswered || answeredNanos - nanos <= 0;
    }

    /** The connection is about to be closed: what fails from now on is no outage. */
    public void close() {
        isOver = true;
    }

    /** Whether anything that failed has not been seen to work again. Cheap, for those who send often. */
    public boolean areKnown() {
        return !current.isEmpty();
    }

    /** A kind of request works. */
    public void worked(String request) {
        ended(request, request + " works again");
    }

    /** How long ago a request was last answered, or since the start if none was. */
    public Duration sinceAnswer() {
        return Duration.ofNanos(clock.nanos() - answeredNanos);
    }

    /** Whether any request was answered so far. */
    public boolean hasAnswered() {
        return hasAnswered;
    }

    /** For how long requests have had no answer; zero if there are none that wait for one. */
    public Duration unanswered() {
        return isAwaited.get() ? Duration.ofNanos(clock.nanos() - awaitedNanos) : Duration.ZERO;
    }

    private @Nullable Outage ended(String key, String text) {
        Outage outage = current.remove(key);
        if (outage != null) {
            log.info("{} after {}", text, Texts.duration(Duration.ofNanos(clock.nanos() - outage.sinceNanos)));
        }
        return outage;
    }
}
