package io.tidemill.lifecycle;

import io.tidemill.text.Texts;
import io.tidemill.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;

/**
 * Says once that calls fail and once that they work again, however many fail meanwhile. Calls that get no answer are
 * one outage, whatever they ask; what is refused is told for each kind of call. Failures that come more than 2 min
 * after the last are news again.
 *
 * <p>Thread-safe.
 */
public final class Outages {

    private static final long FORGOTTEN_NANOS = Duration.ofMinutes(2).toNanos();
    private static final String ALL = "";

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
    private final Map<String, Outage> current = new ConcurrentHashMap<>();

    /** Nothing fails yet. */
    public Outages(Clock clock, Logger log) {
        this.clock = clock;
        this.log = log;
    }

    /**
     * A call failed.
     *
     * @param call what was asked and where, such as "queue mail: claim"
     * @param isApart whether it is told even if all calls fail now: it was refused, or what follows from it must be
     *     known
     * @param text what is told of it, in one line
     */
    public void failed(String call, boolean isApart, String text) {
        long now = clock.nanos();
        Outage fresh = new Outage(now, now);
        Outage outage = current.merge(
                isApart ? call : ALL,
                fresh,
                (known, x) -> now - known.lastNanos > FORGOTTEN_NANOS ? fresh : new Outage(known.sinceNanos, now));
        // The very object: two may fail at the same time.
        if (outage == fresh) {
            log.warn("{}; logged once until it works again", text);
        } else {
            log.debug("{}", text);
        }
    }

    /** Whether anything that failed has not been heard to work again. Cheap, for those who call often. */
    public boolean areKnown() {
        return !current.isEmpty();
    }

    /** A call worked. */
    public void worked(String call) {
        ended(ALL, "the broker answers again");
        ended(call, call + " works again");
    }

    private void ended(String key, String text) {
        Outage outage = current.remove(key);
        if (outage != null) {
            log.info("{} after {}", text, Texts.duration(Duration.ofNanos(clock.nanos() - outage.sinceNanos)));
        }
    }
}
