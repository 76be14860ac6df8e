package io.tidemill.worker;

import io.tidemill.async.Answers;
import io.tidemill.async.Safely;
import io.tidemill.broker.Broker;
import io.tidemill.record.WorkerRecord;
import io.tidemill.task.WorkerOptions;
import io.tidemill.text.LibraryVersion;
import io.tidemill.text.LogNames;
import io.tidemill.time.Clock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists this worker for operators: every 10 s, for 30 s, in each queue that it serves. A worker of more than 100 queues
 * lists itself in one queue every tenth of a second, in 10,000 within 1,000 s, and each entry lasts three times as
 * long; after the start it goes through all queues at once. Nothing that runs jobs depends on it, so a failure is only
 * logged. The entries of a worker that was killed expire.
 *
 * <p>{@link #renew} is called by one thread, {@link #leave} after it.
 */
final class Registration {

    private static final Logger log = LoggerFactory.getLogger(LogNames.WORKER);

    private static final Duration PERIOD = Duration.ofSeconds(10);
    private static final Duration PER_QUEUE = Duration.ofMillis(100);
    /** How many periods an entry lasts. */
    private static final int LASTS = 3;

    private static final long LEAVE_MILLIS = 500;
    /** Most requests without an answer: a connection takes some thousands. */
    private static final int AT_ONCE = 500;
    /** A record names no more queues than this, or each of them would hold the names of all. */
    private static final int MOST_NAMED = 20;

    private static final long SOON_NANOS = Duration.ofMillis(20).toNanos();

    private final Broker broker;
    private final Clock clock;
    private final String worker;
    private final List<String> queues;
    private final WorkerRecord info;
    private final long periodNanos;
    private final AtomicInteger unanswered = new AtomicInteger();
    /** How many entries were written, ever. */
    private long written;

    private final long startedNanos;

    private IntSupplier running = () -> 0;
    private LongSupplier ended = () -> 0;
    private IntSupplier slots = () -> 0;
    private BooleanSupplier quiet = () -> false;
    private Consumer<String> whenCommanded = queue -> {};
    /** The next call of {@link #renew} writes all entries. */
    private volatile boolean isChanged;

    /** How many runs had ended when the rate was last counted, when that was, and the rate. */
    private long countedEnded;

    private long countedNanos;
    private double endedPerMinute;

    Registration(Broker broker, Clock clock, String worker, WorkerOptions options, Set<String> tasks) {
        this.broker = broker;
        this.clock = clock;
        this.worker = worker;
        this.queues = List.copyOf(options.queues());
        this.info = new WorkerRecord(
                host(),
                ProcessHandle.current().pid(),
                clock.millis(),
                options.concurrency(),
                queues.size() > MOST_NAMED ? Set.of() : options.queues(),
                tasks,
                0,
                0,
                false,
                LibraryVersion.TEXT);
        this.periodNanos = Math.max(PERIOD.toNanos(), queues.size() * PER_QUEUE.toNanos());
        this.startedNanos = clock.nanos();
        this.countedNanos = startedNanos;
    }

    /**
     * What each entry says of what the worker does. Called before {@link #renew}.
     *
     * @param jobs how many jobs it holds
     * @param runs how many runs have ended, ever
     */
    void measure(IntSupplier jobs, LongSupplier runs) {
        running = jobs;
        ended = runs;
    }

    /**
     * How many jobs it runs at once, and whether it claims none. Called before {@link #renew}.
     *
     * @param commanded gets the name of a queue in which commands wait for it; must not block
     */
    void control(IntSupplier concurrency, BooleanSupplier isQuiet, Consumer<String> commanded) {
        slots = concurrency;
        quiet = isQuiet;
        whenCommanded = commanded;
    }

    /** What the entries say has changed: all are written anew, soon. */
    void changed() {
        isChanged = true;
    }

    /** Over a period or more, however often entries are written. */
    private void count() {
        long now = clock.nanos();
        if (now - countedNanos >= PERIOD.toNanos()) {
            long all = ended.getAsLong();
            endedPerMinute = (all - countedEnded) * 60e9 / (now - countedNanos);
            countedEnded = all;
            countedNanos = now;
        }
    }

    /** Writes the entries whose turn has come. Returns the longest wait before it is to be called again, in ns. */
    long renew() {
        count();
        long due = queues.size() + rounds(clock.nanos() - startedNanos);
        if (isChanged) {
            isChanged = false;
            written = 0;
        }
        // After a long pause once is enough.
        written = Math.max(written, due - queues.size());
        while (written < due && unanswered.get() < AT_ONCE) {
            String queue = queues.get((int) (written++ % queues.size()));
            unanswered.incrementAndGet();
            write(queue, LASTS * periodNanos / 1_000_000).whenComplete((done, failure) -> unanswered.decrementAndGet());
        }
        return written < due ? SOON_NANOS : PERIOD.toNanos();
    }

    private long rounds(long nanos) {
        return nanos / (periodNanos / queues.size());
    }

    /** Removes the entries, and waits a little until that has arrived. */
    void leave() {
        List<CompletableFuture<Boolean>> left = new ArrayList<>();
        long until = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(LEAVE_MILLIS);
        try {
            for (String queue : queues) {
                left.add(write(queue, 0));
                if (left.size() >= AT_ONCE) {
                    left.get(left.size() - AT_ONCE).get(Math.max(0, until - clock.nanos()), TimeUnit.NANOSECONDS);
                }
            }
            CompletableFuture.allOf(left.toArray(CompletableFuture<?>[]::new))
                    .get(Math.max(0, until - clock.nanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.debug("worker {} could not be taken off the list; it expires by itself", worker);
        }
    }

    private CompletableFuture<Boolean> write(String queue, long ttlMillis) {
        return Safely.ask(() -> broker.operations().register(queue, worker, encoded(queue), ttlMillis))
                .whenComplete((commanded, failure) -> {
                    if (Boolean.TRUE.equals(commanded)) {
                        whenCommanded.accept(queue);
                    } else if (failure != null) {
                        log.debug(
                                "queue {}: worker {} could not be listed: {}", queue, worker, Answers.message(failure));
                    }
                });
    }

    private byte[] encoded(String queue) {
        WorkerRecord record = info.queues().isEmpty() ? info.withQueues(Set.of(queue)) : info;
        return record.doing(running.getAsInt(), endedPerMinute)
                .sized(slots.getAsInt(), quiet.getAsBoolean())
                .encode();
    }

    private static String host() {
        String name = System.getenv("HOSTNAME");
        if (name != null && !name.isBlank()) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
