package io.tidemill.observe;

import io.tidemill.text.LogNames;
import io.tidemill.text.Texts;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of one {@code TaskQueue} whose threads wait for other jobs. Each holds its slot meanwhile. When all slots
 * are held like that, no job starts here, and if no other process runs what they wait for, they wait until they time
 * out.
 *
 * <p>Thread-safe.
 */
public final class AwaitingRuns {

    /** A run that can say which of these objects counts it. */
    public interface Member {

        /** What counts it. */
        AwaitingRuns awaitingRuns();
    }

    private static final Logger log = LoggerFactory.getLogger(LogNames.WORKER);

    /** Of so many tasks it is said once each. */
    private static final int MAX_TASKS = 100;

    private final AtomicInteger awaiting = new AtomicInteger();
    private final Set<String> said = ConcurrentHashMap.newKeySet();
    private volatile int slots = Integer.MAX_VALUE;

    /** How many slots there are. */
    public void slots(int total) {
        slots = total;
    }

    /**
     * A run begins to wait; {@link #leave} is called when it has ended that.
     *
     * @param task the task of the run
     * @param run the run, for the log
     * @param job what it waits for, for the log
     * @param hasEnded whether that has ended already; asked only before something is logged
     */
    public void enter(String task, Object run, Object job, BooleanSupplier hasEnded) {
        if (awaiting.incrementAndGet() >= slots
                && said.size() < MAX_TASKS
                && !said.contains(task)
                && !isEnded(hasEnded)
                && said.add(task)) {
            log.warn(
                    "{} awaits {}, and so {} of this process {} held by runs that await other jobs: none starts here"
                            + " until one of these waits ends; raise concurrency(...), serve the awaited jobs in another"
                            + " process, or let a job end and enqueue what follows it",
                    run,
                    job,
                    slots == 1 ? "the only slot" : "all " + Texts.count(slots, "slot"),
                    slots == 1 ? "is" : "are");
        }
    }

    /** What cannot be asked is not worth a warning, and is no reason for the run to fail. */
    private static boolean isEnded(BooleanSupplier hasEnded) {
        try {
            return hasEnded.getAsBoolean();
        } catch (RuntimeException e) {
            return true;
        }
    }

    /** A run waits no longer. */
    public void leave() {
        awaiting.decrementAndGet();
    }
}
